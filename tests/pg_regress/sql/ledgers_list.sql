begin;
select count(*) from (values (1, 'cust-2'), (2, 'cust-1'), (3, 'trial_1'), (4, 'trialX1')) v (n, s),
    lateral credit_create_ledger(s) l;
select subject from credit_list_ledgers();
select subject from credit_list_ledgers(order_by => 'subject');
select subject from credit_list_ledgers(order_by => 'id');
select subject from credit_list_ledgers(row_limit => 2, row_offset => 1);
select subject from credit_list_ledgers(subjects => '{trial_1,cust-1,nobody}');
select subject from credit_list_ledgers(subjects => '{}');
select subject from credit_list_ledgers(subject_like => 'cust-%');
select subject from credit_list_ledgers(subject_like => 'trial_1');
select subject from credit_list_ledgers(subject_like => 'trial\_1');
select subject from credit_list_ledgers('{cust-1,trial_1}', 'cust%');
rollback;
