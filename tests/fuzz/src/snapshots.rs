pub fn run(_: &crate::options::Options, _: &crate::server::Server, _: &mut crate::report::Report) {}
