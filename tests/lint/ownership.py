#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: ownership.py ENGINE_FOLDER [--table] | --self-test

Which file writes each member of the engine's structs? Fails for a member that more than one file writes,
unless its struct is listed in shared_structs.txt, where a line is `struct NAME: reason` for a plain value (or
`NAME: reason` of a typedef without a tag), `struct NAME, within FOLDER/: reason` if the files of one folder
fill it together, or `struct NAME, also by FILE: reason` for one writer beside the owner. --table shows all
members with their writers.

What is a write, as clang's syntax tree shows it:
 - an assignment, ++ or --, of the member, of an element of it, or of the whole struct around it;
 - its address, handed on as a pointer to something that isn't const;
 - memset and the like on it, or on the struct around it.
Not a write: what a function does to a local variable of its own; the address of a struct, handed on as such
(what is done there counts there). A header counts as the .c file of the same name. A write to a member of a
member counts for the innermost struct only; but a listed struct is a plain value, so that a write of its
member is a write of the member that holds it.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from tools import SKIPPED

SHARED = pathlib.Path(__file__).parent / "shared_structs.txt"
COMPILERS = ["clang"] + ["clang-%d" % version for version in range(30, 10, -1)]
WRAPPERS = {"ParenExpr", "ImplicitCastExpr", "CStyleCastExpr", "ConditionalOperator"}
COMPARISONS = {"==", "!=", "<", ">", "<=", ">="}

sys.setrecursionlimit(20000)


class Fault(Exception):
    pass


class Field:
    """A member of a struct; `holds` is the struct that it is itself, or an array of, if any."""

    def __init__(self, struct, name, of_type):
        self.struct, self.name, self.type, self.holds = struct, name, of_type, None


class Event:
    """What happens to memory: `fields` from the innermost outwards, `struct` if it is one as a whole."""

    def __init__(self, fields, struct, is_address, place):
        self.fields, self.struct, self.is_address, self.place = fields, struct, is_address, place


def children(node):
    return [child for child in node.get("inner", ()) if child]


def type_of(node):
    return node.get("type", {}).get("qualType", "")


def is_pointer(text):
    return re.search(r"\*\s*(const|restrict|volatile|\s)*$", text) is not None


def pointee(text):
    return re.sub(r"\*\s*(const|restrict|volatile|\s)*$", "", text).strip()


def points_to_const(text):
    return re.search(r"\bconst\b", pointee(text).rsplit("*", 1)[-1]) is not None


def resolve_places(node, last):
    """clang writes a file and a line only where they change; this puts them everywhere."""
    if isinstance(node, list):
        for element in node:
            resolve_places(element, last)
    elif isinstance(node, dict):
        if "offset" in node:
            last["file"] = node.setdefault("file", last.get("file"))
            last["line"] = node.setdefault("line", last.get("line"))
        for value in node.values():
            if isinstance(value, (dict, list)):
                resolve_places(value, last)


def expansion(place):
    return place.get("expansionLoc", place)


class Unit:
    """What one .c file declares and does, with all that it includes."""

    def __init__(self, engine, tree):
        self.engine = engine
        self.fields = {}    # id of a FieldDecl: Field
        self.structs = {}   # spelling of its type: key of the struct
        self.members = {}   # key of the struct: its fields
        self.events = []
        resolve_places(tree, {})
        self.declare(tree, None)
        for fields in self.members.values():
            for field in fields:
                field.holds = self.struct_of(field.type)
        for function in children(tree):
            if function["kind"] == "FunctionDecl":
                self.observe(function)

    def relative(self, place):
        """Where that is below the engine's folder; None: elsewhere."""
        name = expansion(place).get("file")
        path = pathlib.Path(name).resolve() if name else None
        return path.relative_to(self.engine).as_posix() if path and self.engine in path.parents else None

    def declare(self, parent, outer):
        """Structs and unions of the engine, with those inside them."""
        nodes = children(parent)
        for node, following in zip(nodes, nodes[1:] + [{}]):
            if node["kind"] == "RecordDecl" and node.get("completeDefinition"):
                file = self.relative(node["loc"]) or self.relative(node["range"]["begin"])
                if file:
                    self.declare_struct(node, following, file, outer)
            elif node["kind"] == "FunctionDecl":
                for statement in descendants(node, {"DeclStmt"}):
                    self.declare(statement, None)

    def declare_struct(self, node, following, file, outer):
        if node.get("name"):
            name = "%s %s" % (node["tagUsed"], node["name"])
            self.structs[name] = (name, file)
        elif outer and not following.get("name"):
            name = outer[0]  # its members are as good as members of the one around it
        elif following.get("name"):
            name = "%s.%s" % (outer[0], following["name"]) if outer else following["name"]
            self.structs[following["type"]["qualType"] if outer else name] = (name, file)
        else:
            return
        key = (name, file)
        members = self.members.setdefault(key, [])
        self.declare(node, key)
        for field in children(node):
            if field["kind"] == "FieldDecl" and field.get("name"):
                self.fields[field["id"]] = Field(key, field["name"], type_of(field))
                members.append(self.fields[field["id"]])

    def struct_of(self, text):
        """The key of the struct that this type is, or is an array of."""
        plain = re.sub(r"\b(const|volatile)\b|\[\d*\]", "", text)
        return self.structs.get(" ".join(plain.split()))

    def observe(self, function):
        file = self.relative(function["loc"])
        body = [child for child in children(function) if child["kind"] == "CompoundStmt"]
        if not file or not body:
            return
        self.file, self.function = file, function.get("name", "?")
        self.locals = {node["id"] for node in descendants(function, {"VarDecl", "ParmVarDecl"})
                       if node.get("storageClass") not in ("static", "extern")}
        self.visit(body[0], [])

    def add(self, node, lvalue, is_address):
        fields, is_local = self.chain(lvalue)
        if is_local:
            return
        line = expansion(node["range"]["begin"]).get("line", 0)
        self.events.append(Event(fields, self.struct_of(type_of(lvalue)), is_address,
                                 (self.file, line, self.function)))

    def visit(self, node, parents):
        kind, opcode = node["kind"], node.get("opcode")
        if kind == "UnaryExprOrTypeTraitExpr":
            return  # sizeof: nothing happens
        inner = children(node)
        if kind == "CompoundAssignOperator" or (kind == "BinaryOperator" and opcode == "="):
            self.add(node, inner[0], False)
        elif kind == "UnaryOperator" and opcode in ("++", "--"):
            self.add(node, inner[0], False)
        elif (kind == "UnaryOperator" and opcode == "&") or node.get("castKind") == "ArrayToPointerDecay":
            self.escape(node, inner[0], parents)
        elif node.get("castKind") == "BitCast" and pointee(type_of(node)) == "void":
            self.cover(node, inner[0])
        for child in inner:
            self.visit(child, parents + [node])

    def escape(self, node, operand, parents):
        """The address of an object is made: can it be written to by it?"""
        pointer = node
        for parent in reversed(parents):
            kind, opcode = parent["kind"], parent.get("opcode")
            moves = kind == "BinaryOperator" and opcode in ("+", "-")
            if points_to_const(type_of(pointer)):
                return
            if not (kind in WRAPPERS or moves) or not is_pointer(type_of(parent)):
                used_here = kind in ("ArraySubscriptExpr", "MemberExpr") or opcode in ("*", "!", "&&", "||")
                if used_here or opcode in COMPARISONS or opcode == "-" or kind in WRAPPERS:
                    return
                break
            pointer = parent
        self.add(node, operand, pointee(type_of(pointer)) != "void")

    def cover(self, node, pointer):
        """A pointer to a struct becomes one to mere bytes."""
        if self.through(pointer) is None and not points_to_const(type_of(pointer)):
            struct = self.struct_of(pointee(type_of(pointer)))
            if struct:
                line = expansion(node["range"]["begin"]).get("line", 0)
                self.events.append(Event([], struct, False, (self.file, line, self.function)))

    def through(self, pointer):
        """The object that a pointer expression is the address of, if it shows one."""
        kind, opcode = pointer["kind"], pointer.get("opcode")
        inner = children(pointer)
        if pointer.get("castKind") == "ArrayToPointerDecay" or (kind == "UnaryOperator" and opcode == "&"):
            return inner[0]
        if kind == "ParenExpr" or pointer.get("castKind") in ("NoOp", "BitCast"):
            return self.through(inner[0])
        if kind == "BinaryOperator" and opcode in ("+", "-"):
            return self.through(next((side for side in inner if is_pointer(type_of(side))), inner[0]))
        return None

    def chain(self, lvalue):
        """The fields that lead to it, from the innermost; and whether it is the function's own variable."""
        fields = []
        while lvalue is not None:
            kind, inner = lvalue["kind"], children(lvalue)
            if kind == "DeclRefExpr":
                return fields, lvalue.get("referencedDecl", {}).get("id") in self.locals
            if kind == "CompoundLiteralExpr":
                return fields, True
            if kind == "MemberExpr":
                if lvalue.get("referencedMemberDecl") in self.fields:
                    fields.append(self.fields[lvalue["referencedMemberDecl"]])
                lvalue = self.through(inner[0]) if lvalue.get("isArrow") else inner[0]
            elif kind == "ArraySubscriptExpr":
                lvalue = self.through(inner[0] if is_pointer(type_of(inner[0])) else inner[1])
            elif kind == "UnaryOperator" and lvalue.get("opcode") == "*":
                lvalue = self.through(inner[0])
            else:
                lvalue = inner[0] if kind == "ParenExpr" else None
        return fields, False


def descendants(node, kinds):
    for child in children(node):
        if child["kind"] in kinds:
            yield child
        yield from descendants(child, kinds)


def clang():
    for command in COMPILERS:
        if shutil.which(command):
            return command
    print("no clang here")
    sys.exit(SKIPPED)


def read_unit(engine, path):
    command = [clang(), "-fsyntax-only", "-Xclang", "-ast-dump=json", "-std=c11", "-I", engine, path]
    done = subprocess.run(command, capture_output=True)
    if done.returncode:
        raise Fault("%s%s doesn't compile: not looked at" % (done.stderr.decode(), path))
    unit = Unit(engine, json.loads(done.stdout))
    return unit.members, unit.events


def read_engine(engine):
    """All structs, with their fields, all events of the engine, and what couldn't be read."""
    engine = engine.resolve()
    files = sorted(engine.rglob("*.c"))
    if not files:
        raise Fault("no .c files in %s" % engine)
    structs, events, unread = {}, [], []
    for file in files:
        try:
            members, found = read_unit(engine, file)
            structs.update(members)
            events += found
        except Fault as fault:
            unread.append(str(fault))
    return structs, events, unread


def writer_of(file):
    return re.sub(r"\.(h|def)$", ".c", file)


def writers_of(structs, events, shared):
    """{struct: {member: {file: (line, function, as part of a whole)}}}"""
    found = {key: {field.name: {} for field in fields} for key, fields in structs.items()}

    def note(key, member, place, whole):
        file, line, function = place
        writers = found[key][member]
        old = writers.get(writer_of(file))
        if not old or (old[2], old[0]) > (whole, line):
            writers[writer_of(file)] = (line, function, whole)

    def note_whole(key, place):
        for field in structs[key]:
            note(key, field.name, place, True)
            if field.holds and field.holds[0] not in shared:
                note_whole(field.holds, place)

    for event in events:
        is_value = event.struct and event.struct[0] in shared
        if event.struct and not is_value:
            if event.is_address:
                continue
            note_whole(event.struct, event.place)
        for field in event.fields:
            note(field.struct, field.name, event.place, False)
            if field.struct[0] not in shared:
                break
    return found


class Shared(dict):
    """{name: reason} of plain values; `places`: {name: where else, or in which folder, it is written}"""

    def __init__(self):
        super().__init__()
        self.places = {}

    def others(self, name, writers):
        """The writers of a member of that struct that its line doesn't allow beside one."""
        place = self.places.get(name)
        if place and place.endswith("/") and all(file.startswith(place) for file in writers):
            return []
        others = [file for file in writers if file != place]
        return others if len(others) > 1 else []


def read_shared(path):
    shared = Shared()
    for line in path.read_text().splitlines() if path.exists() else ():
        if line and not line.startswith("#"):
            match = re.fullmatch(r"((?:struct )?\w+)(?:, (?:within|also by) (\S+))?: *(\S.*)", line)
            if not match or match[1] in shared or match[1] in shared.places:
                raise Fault("%s: not `struct NAME[, within FOLDER/ | , also by FILE]: reason`, or twice: %s" %
                            (path.name, line))
            if match[2]:
                shared.places[match[1]] = match[2]
            else:
                shared[match[1]] = match[3]
    return shared


def place_text(file, place):
    line, function, whole = place
    return "%s:%d (%s%s)" % (file, line, function, ", the whole struct" if whole else "")


def several(members):
    return [name for name, writers in members.items() if len(writers) > 1]


def faults(structs, events, shared):
    needed = {key[0] for key, members in writers_of(structs, events, {}).items() if several(members)}
    for name in [*shared, *shared.places]:
        if name not in needed:
            yield "shared_structs.txt: %s needs no line: no member of it has two writers" % name
    for key, members in sorted(writers_of(structs, events, shared).items()):
        for name in several(members) if key[0] not in shared else ():
            if not shared.others(key[0], members[name]):
                continue
            places = [place_text(*writer) for writer in sorted(members[name].items())]
            yield "%s, %s: written by %s" % (key[0], name, " and ".join(places))


def show_table(found, shared):
    for key, members in sorted(found.items()):
        files = sorted({file for writers in members.values() for file in writers})
        print("%s, of %s: %s%s" % (key[0], key[1], ", ".join(files) or "nobody",
                                   " (shared)" if key[0] in shared else ""))
        for name, writers in members.items():
            print("    %-22s %s" % (name, ", ".join(sorted(writers)) or "-"))


def show_summary(found, shared):
    owned = {key: members for key, members in found.items()
             if key[0] not in shared and key[0] not in shared.places}
    counts = [len(writers) for members in owned.values() for writers in members.values()]
    files = [len({file for writers in members.values() for file in writers}) for members in owned.values()]
    print("%d structs, %d of them written by one file, %d by none, %d by several; %d more are shared"
          % (len(owned), files.count(1), files.count(0), sum(n > 1 for n in files), len(found) - len(owned)))
    print("%d members, %d of them written by one file, %d by none, %d by several"
          % (len(counts), counts.count(1), counts.count(0), sum(n > 1 for n in counts)))


def check(engine, table):
    structs, events, unread = read_engine(engine)
    shared = read_shared(SHARED)
    found = writers_of(structs, events, shared)
    if table:
        show_table(found, shared)
    wrong = unread + list(faults(structs, events, shared))
    for fault in wrong:
        print(fault)
    show_summary(found, shared)
    return 1 if wrong else 0


SELF_TEST = {
    "thing.h": """
#include <string.h>
typedef struct { unsigned n; } number_t;
struct inner { int deep, deeper; };
struct value { int part; };
struct thing {
    int own, foreign, counted, added, lent, shown, inlined;
    unsigned bit : 1;
    int list[4], names[4];
    number_t number;
    struct inner inner;
    struct value value, other;
    union { int left; int right; };
};
struct box { struct thing thing[2]; int lid; };
struct wiped { int rag; };
struct filled { int level; };
void lend(int *place), show(const int *place), fill(struct filled *filled, struct thing *thing);
static inline void set_inlined(struct thing *thing) { thing->inlined = 1; }
""",
    "thing.c": """
#include "thing.h"
void own(struct thing *t, struct box *box)
{
    struct thing mine = {0}, *same = &box->thing[1];
    mine.foreign = mine.inner.deep = 1;
    mine.list[0]++;
    memset(&mine, 0, sizeof mine);
    t->own = t->foreign + (int)sizeof(t->counted++);
    show(&t->foreign);
    show(t->names);
    same->bit = 1;
    t->inner.deep = 1;
    set_inlined(t);
    t->number.n = 1;
    t->value.part = 1;
    if (same == &box->thing[0] && &t->foreign != t->list) {
        box->thing[0].list[1] = 2;
    }
    t->left = 1;
}
""",
    "sub/other.c": """
#include "thing.h"
void other(struct thing *t, struct box *box, struct wiped *wiped)
{
    struct filled local;
    fill(&local, &box->thing[0]);
    t->foreign = 1;
    t->counted++;
    (&box->thing[1])->added += 2;
    lend(&t->lent);
    lend(t->names + 1);
    *(t->list + 2) = 3;
    box->thing[1].number = (number_t){2};
    t->other = t->value;
    t->inner = (struct inner){0};
    t->right = 1;
    memset(wiped, 0, sizeof *wiped);
}
void fill(struct filled *filled, struct thing *thing) { filled->level = thing->own; }
""",
}
SELF_TEST_WRITERS = {
    "own": "thing", "foreign": "other", "counted": "other", "added": "other", "lent": "other", "shown": "",
    "inlined": "thing", "bit": "thing", "list": "other thing", "names": "other", "number": "other",
    "inner": "other", "value": "thing", "other": "other", "left": "thing", "right": "other", "lid": "",
    "deep": "other thing", "deeper": "other", "n": "other thing", "part": "thing", "rag": "other",
    "level": "other", "thing": "",
}
SELF_TEST_FAULTS = [
    "shared_structs.txt: struct gone needs no line: no member of it has two writers",
    "struct inner, deep: written by sub/other.c:15 (other, the whole struct) and thing.c:13 (own)",
    "struct thing, list: written by sub/other.c:12 (other) and thing.c:18 (own)",
]


def self_test():
    """In a small engine every kind of write is found, and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        engine = pathlib.Path(folder)
        (engine / "sub").mkdir()
        for name, text in SELF_TEST.items():
            (engine / name).write_text(text)
        structs, events, unread = read_engine(engine)
    wrong = len(unread)
    for members in writers_of(structs, events, {"struct value"}).values():
        for name, writers in members.items():
            actual = " ".join(sorted(pathlib.Path(file).stem for file in writers))
            if actual != SELF_TEST_WRITERS[name]:
                print("%s: written by %s, expected %s" % (name, actual, SELF_TEST_WRITERS[name]))
                wrong += 1
    shared = Shared()
    shared.update({"struct value": "", "struct gone": ""})
    shared.places.update({"struct inner": "sub/", "number_t": "thing.c"})
    found = list(faults(structs, events, shared))
    if found != SELF_TEST_FAULTS:
        print("\n".join(["found:", *found, "expected:", *SELF_TEST_FAULTS]))
        wrong += 1
    return wrong


def main():
    arguments = sys.argv[1:]
    if arguments == ["--self-test"]:
        return 1 if self_test() else 0
    if not arguments or arguments[1:] not in ([], ["--table"]):
        print(__doc__)
        return 2
    return check(pathlib.Path(arguments[0]), "--table" in arguments)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Fault as fault:
        sys.exit(str(fault))
