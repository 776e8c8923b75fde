-- A stored procedure inserts an order and spends: both, or neither.
\set SHOW_CONTEXT never
do $$
begin
    perform credit_create_meter('tokens');
    perform credit_create_feature('chat', 'tokens');
    perform credit_create_ledger('acme', measure_from => '2024-01-01');
    perform credit_create_grant('acme', 'chat', 100, effective_at => '2024-01-01');
end;
$$;
create table orders (id int primary key, customer text, credits numeric, spend_id uuid);
create function standing(orders out bigint, spends out bigint, available out numeric) language sql stable as $$
select (select count(*) from orders), (select count(*) from credit.spends), credit_available('acme', 'chat')
$$;
create procedure place_order(id int, customer text, credits numeric) language plpgsql as $$
declare
    spend credit.spend_row;
begin
    insert into orders values (id, customer, credits);
    spend := credit_consume(customer, 'chat', credits, 'order ' || id);
    update orders as o set spend_id = spend.spend_id where o.id = place_order.id;
end;
$$;
call place_order(1, 'acme', 60);
-- Not enough: no order either.
call place_order(2, 'acme', 60);
select * from standing();
-- The order is refused: nothing is spent.
call place_order(1, 'acme', 10);
select * from standing();
-- The row and its spend belong together.
select o.id, o.credits = s.amount as equal from orders as o join credit.spends as s on s.id = o.spend_id;
-- As part of a larger transaction that fails later.
begin;
call place_order(3, 'acme', 10);
select * from standing();
rollback;
select * from standing();
-- One that commits as it goes: what is committed stays, the rest is gone.
create procedure place_orders(first int, last int) language plpgsql as $$
begin
    for n in first..last loop
        call place_order(n, 'acme', 15);
        commit;
    end loop;
end;
$$;
call place_orders(4, 6);
select * from standing();
-- One that goes on after a refusal.
create procedure place_what_can_be(first int, last int) language plpgsql as $$
begin
    for n in first..last loop
        begin
            call place_order(n, 'acme', 4);
        exception when sqlstate 'UC301' then
            raise notice 'order % is refused', n;
        end;
    end loop;
end;
$$;
call place_what_can_be(7, 10);
select * from standing();
