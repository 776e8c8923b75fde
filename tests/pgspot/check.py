"""Runs pgspot over the scripts of the extension: the install scripts, each with the upgrade scripts
that follow it.

usage: check.py DIRECTORY      the directory of the packaged scripts; with the Python that has pgspot

pgspot's own command cannot be used: it does not know functions whose body is an expression
(CREATE FUNCTION … RETURN …; it ends with "list index out of range"), and where it checks several
files it takes the search path that the first one set for that of the next.
"""

import argparse
import re
import sys
from pathlib import Path

from pgspot.formatters import format_function
from pgspot.state import Counter, State
from pgspot.visitors import SQLVisitor, visit_sql

# What is let pass, one by one: the code, what pgspot says of, and why it is right all the same.
COMMITS = (
    "A procedure that commits can have no SET clause. It names the schema of everything, and so "
    "pgspot finds nothing in its body."
)
EXCEPTIONS = {
    (
        "PS005",
        "extschema.credit_reset_all(effective_at timestamptz,preserve_overage boolean,"
        "batch_size integer,INOUT summary jsonb,namespace text)",
    ): COMMITS,
    (
        "PS005",
        "extschema.credit_retire(before timestamptz,delete_events boolean,"
        "batch_size integer,INOUT summary jsonb,namespace text)",
    ): COMMITS,
}

of_text_bodies = SQLVisitor.visit_CreateFunctionStmt


def visit_function(self, ancestors, node):
    """A function whose body is an expression is bound when it is created, by the search path of the
    script, and never again. The visitor comes to what is in it by itself."""
    if node.sql_body is None:
        of_text_bodies(self, ancestors, node)
        return
    name = format_function(node)
    if not node.replace:
        self.state.created_functions.append(name)
    elif node.funcname[0].sval not in self.state.created_schemas:
        if name not in self.state.created_functions:
            self.state.warn("PS002", name)
    if any(option.defname == "security" and option.arg.boolval for option in node.options):
        self.state.error("PS003", name)


SQLVisitor.visit_CreateFunctionStmt = visit_function


class Findings(Counter):
    """Counts as pgspot does, but for the exceptions, and remembers which of these it met."""

    met = set()

    def __init__(self):
        super().__init__(argparse.Namespace(
            ignore=[], ignore_lang=[], plpgsql=True, proc_without_search_path=[], sql_fn=[],
            summary_only=False))

    def warn(self, code, context):
        if not self.is_exception(code, context):
            super().warn(code, context)

    def error(self, code, context):
        if not self.is_exception(code, context):
            super().error(code, context)

    def is_exception(self, code, context):
        if (code, context) not in EXCEPTIONS:
            return False
        self.met.add((code, context))
        return True


def check(path, before):
    """Whether a script is clean that runs after others, which left `before`; and what it leaves."""
    findings = Findings()
    state = State(findings)
    if before:
        state.created_schemas = list(before.created_schemas)
        state.created_functions = list(before.created_functions)
        state.created_aggregates = list(before.created_aggregates)
    print(f"{path.name}:")
    visit_sql(state, path.read_text(encoding="utf8"), toplevel=True)
    print(findings)
    return findings.is_clean(), state


def chains(directory):
    """The install scripts, each with the upgrade scripts from its version on."""
    installs, upgrades = [], {}
    for path in sorted(directory.glob("credit--*.sql")):
        versions = re.fullmatch(r"credit--(.+?)(?:--(.+))?\.sql", path.name).groups()
        if versions[1] is None:
            installs.append((versions[0], path))
        else:
            upgrades.setdefault(versions[0], []).append((versions[1], path))

    def follow(version, chain):
        yield chain
        for target, path in upgrades.get(version, []):
            yield from follow(target, [*chain, path])

    for version, path in installs:
        yield from follow(version, [path])


def main():
    directory = Path(sys.argv[1])
    states, is_clean = {}, True
    for chain in chains(directory):
        chain_is_clean, states[tuple(chain)] = check(chain[-1], states.get(tuple(chain[:-1])))
        is_clean &= chain_is_clean
    checked = {path for chain in states for path in chain}
    for path in sorted(set(directory.glob("credit--*.sql")) - checked):
        print(f"{path.name}: follows no install script")
        is_clean = False
    if not checked:
        sys.exit(f"there are no scripts in {directory}")
    for code, context in EXCEPTIONS.keys() - Findings.met:
        print(f"an exception that nothing needs any more: {code} {context}")
        is_clean = False
    sys.exit(0 if is_clean else 1)


main()
