# SPDX-License-Identifier: GPL-2.0
#
# awk [-v header=1] -f spec.awk cgspan.yaml: a Netlink spec as C
#
# By default the tables of a client that knows nothing but the spec: FAMILY,
# VERSION, AMOUNT_MAX, a <set>_attrs[] of struct attr for each attribute set, and
# operations[] of struct operation. With header=1, all numbers that
# <linux/cgspan.h> gives as well: it compiles if they are the same.
#
# Of YAML it reads what the spec is written in: one key in a line, two spaces
# for a level. A set that is a part of another one says so, or gives the numbers of
# its attributes; the client needs whole sets only.

{
	match($0, /^ */)
	depth = RLENGTH / 2
	key = $1
	value = $2
}

depth == 0 {
	part = key
	family[key] = value
}

part == "definitions:" && depth == 2 {
	if (key == "name:")
		def = value
	defs[def, key] = value
	if (key == "value:")
		consts[def] = value
}

part == "definitions:" && depth == 4 && key == "name:" {
	entries[def, nr_entries[def]++] = value
}

part == "attribute-sets:" && depth == 2 {
	if (key == "name:")
		sets[nr_sets++] = set = value
	if (key == "name-prefix:")
		prefix[set] = value
	if (key == "subset-of:")
		part_of[set] = value
}

part == "attribute-sets:" && depth == 4 {
	if (key == "name:")
		n = ++nr_attrs[set]
	attrs[set, n, key] = value
	if (key == "value:")
		part_of[set] = prefix[set]
}

part == "operations:" && depth == 1 && key == "name-prefix:" {
	ops_prefix = value
}

part == "operations:" && depth == 3 {
	if (key == "name:")
		nr_ops++
	ops[nr_ops, key] = key ~ /^(do|dump|event):$/ ? "true" : value
}

part == "mcast-groups:" && key == "name:" {
	mcgrps[nr_mcgrps++] = value
}

function or_false(v)
{
	return v == "" ? "false" : v
}

function attrs_of(set,    i, nest)
{
	printf "\nstatic const struct attr %s_attrs[] = {\n", set
	for (i = 1; i <= nr_attrs[set]; i++) {
		nest = attrs[set, i, "nested-attributes:"]
		printf "\t{ \"%s\", %d, %s, %s, %s },\n",
			attrs[set, i, "name:"], i,
			toupper(attrs[set, i, "type:"]),
			or_false(attrs[set, i, "multi-attr:"]),
			nest ? nest "_attrs" : "NULL"
	}
	print "\t{ }\n};"
}

function client(    i)
{
	printf "#define FAMILY \"%s\"\n", family["name:"]
	printf "#define VERSION %s\n", family["version:"]
	printf "#define AMOUNT_MAX %sULL\n", consts["max"]
	# A nest comes after what it is made of.
	for (i = nr_sets - 1; i >= 0; i--)
		if (!(sets[i] in part_of))
			attrs_of(sets[i])
	print "\nstatic const struct operation operations[] = {"
	for (i = 1; i <= nr_ops; i++)
		printf "\t[%d] = { \"%s\", %s, %s, %s, \"%s\" },\n", i,
			ops[i, "name:"], or_false(ops[i, "do:"]),
			or_false(ops[i, "dump:"]), or_false(ops[i, "event:"]),
			ops[i, "mcgrp:"]
	print "};"
}

function same(name, number)
{
	name = toupper(name)
	gsub("-", "_", name)
	printf "_Static_assert(%s == %s, \"%s\");\n", name, number, name
}

function same_text(name, text)
{
	name = toupper(name)
	printf "_Static_assert(!__builtin_strcmp(%s, \"%s\"), \"%s\");\n",
		name, text, name
}

function header_has(    i, j, d, set, number)
{
	print "#include <linux/cgspan.h>"
	same_text("cgspan_genl_name", family["name:"])
	same("cgspan_genl_version", family["version:"])
	for (d in consts)
		same("cgspan-" d, consts[d])
	for (d in nr_entries)
		for (i = 0; i < nr_entries[d]; i++)
			same(defs[d, "name-prefix:"] entries[d, i],
			     (defs[d, "type:"] == "flags") ? "1U << " i : i)
	for (i = 0; i < nr_sets; i++) {
		set = sets[i]
		for (j = 1; j <= nr_attrs[set]; j++) {
			number = attrs[set, j, "value:"]
			same(prefix[set] attrs[set, j, "name:"], number ? number : j)
		}
		if (!(set in part_of))
			same(prefix[set] "max", nr_attrs[set])
	}
	for (i = 1; i <= nr_ops; i++)
		same(ops_prefix ops[i, "name:"], i)
	same(ops_prefix "max", nr_ops)
	for (i = 0; i < nr_mcgrps; i++)
		same_text("cgspan_mcgrp_" mcgrps[i], mcgrps[i])
}

END {
	if (!nr_sets || !nr_ops)
		exit 1
	if (header)
		header_has()
	else
		client()
}
