//! The functions of the extension, from the catalogue.

use crate::session::Session;

/// A function or procedure.
#[derive(Debug, Clone)]
pub struct Function {
    /// Schema and name.
    pub name: String,
    /// Whether it is a procedure.
    pub is_procedure: bool,
    /// Whether it is called by one that reads.
    pub is_stable: bool,
    /// What it takes.
    pub arguments: Vec<Argument>,
}

/// An argument.
#[derive(Debug, Clone)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Its type, as `regtype` writes it.
    pub of_type: String,
    /// Whether it may be left out.
    pub has_default: bool,
}

/// Everything that SQL can call.
pub fn all(session: &mut Session) -> Vec<Function> {
    let rows = session.must(
        "SELECT p.oid::regproc, p.prokind = 'p', p.provolatile <> 'v', a.name, t.type,
                a.number > p.pronargs - p.pronargdefaults
           FROM pg_depend d JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid
           JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND e.oid = d.refobjid
           LEFT JOIN LATERAL unnest(p.proargnames[1:p.pronargs]) WITH ORDINALITY a (name, number)
                ON true
           LEFT JOIN LATERAL (SELECT format_type(p.proargtypes[a.number - 1], NULL) AS type) t
                ON true
          WHERE e.extname = 'credit' AND d.deptype = 'e'
                AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
          ORDER BY p.oid, a.number",
    );
    let mut functions: Vec<Function> = Vec::new();
    for row in rows {
        let name = row.text(0);
        if functions.last().is_none_or(|last| last.name != name) {
            functions.push(Function {
                name: name.to_owned(),
                is_procedure: row.text(1) == "t",
                is_stable: row.text(2) == "t",
                arguments: Vec::new(),
            });
        }
        if row.0[3].is_some() {
            let function = functions.last_mut().expect("one was pushed");
            function.arguments.push(Argument {
                name: row.text(3).to_owned(),
                of_type: row.text(4).to_owned(),
                has_default: row.text(5) == "t",
            });
        }
    }
    assert!(functions.len() > 50, "{} functions only", functions.len());
    functions
}
