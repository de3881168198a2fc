# SPDX-License-Identifier: GPL-2.0
#
# awk -f faults.awk REQUESTS: requests with one fault each, for genlclient
#
# REQUESTS describes valid requests. First, a line for each attribute:
#
#   NEST[.NEST].NAME GOOD [!] [BAD...]	"!": it is required; "": no text
#
# and then a line for each request, with its attributes in order:
#
#   COMMAND [dump] [open] [many] [LABEL] : ATTRIBUTE[=GOOD]...
#
# open: unprivileged callers may send it; many: the last nest may occur @max times.
#
# Prints "REQUEST <tab> FAULT <tab> WORDS", the words for genlclient, and at the
# end each valid request, with the fault "nothing".
BEGIN {
	max = 512
}

/^#/ || !NF {
	next
}

!/ :( |$)/ {
	good[$1] = $2
	for (i = 3; i <= NF; i++)
		if ($i == "!")
			required[$1] = 1
		else
			bads[$1] = bads[$1] " " $i
	next
}

{
	label = $1
	dump = open = many = n = 0
	for (i = 2; $i != ":"; i++) {
		dump += $i == "dump"
		open += $i == "open"
		many += $i == "many"
		label = label ($i ~ /^(open|many)$/ ? "" : " " $i)
	}
	command = (dump ? "dump " : "") $1
	while (++i <= NF) {
		at = index($i, "=")
		field[++n] = at ? substr($i, 1, at - 1) : $i
		value = at ? substr($i, at + 1) : good[field[n]]
		parts = split(field[n], part, ".")
		name[n] = part[parts]
		nest[n] = part[1]
		inner[n] = parts > 2 ? part[2] : ""
		item[n] = name[n] "=" value
	}
	for (i = 1; i <= n; i++)
		field_faults(i)
	request_faults()
	valid[++requests] = label "\tnothing\t" words()
}

END {
	for (i = 1; i <= requests; i++)
		print valid[i]
}

# The words of the request. @extra: at the end of each nest.
function words(extra,	i, text)
{
	text = command
	for (i = 1; i <= n; i++) {
		if (nest[i] != nest[i - 1] || i == 1)
			text = text " " nest[i] "{"
		if (inner[i] && inner[i] != inner[i - 1])
			text = text " " inner[i] "{"
		text = text " " item[i]
		if (inner[i] && (i == n || inner[i] != inner[i + 1]))
			text = text " }"
		if (i == n || nest[i] != nest[i + 1])
			text = text " " extra "}"
	}
	return text
}

function put(fault, text)
{
	print label "\t" fault "\t" text
}

# The request with another word for one attribute.
function with(i, word,	was, text)
{
	was = item[i]
	item[i] = word
	text = words()
	item[i] = was
	return text
}

function field_faults(i,	value, k)
{
	by = name[i] == "path" ? "id" : name[i] == "group-path" ? "group-id" : ""
	full = (inner[i] ? inner[i] "-" : "") name[i]
	if (required[field[i]] && !(dump && by && open))
		put("missing " full, with(i, ""))
	for (k = split(bads[field[i]], bad, " "); k > 0; k--) {
		value = bad[k] == "\"\"" ? "" : bad[k]
		put("out of range " full "=" value, with(i, name[i] "=" value))
	}
	# No number has 3 bytes, and no text lacks its final 0.
	put("wrong size " full, with(i, name[i] ":2f7879"))
	if (by) {
		put("unknown group " full, with(i, name[i] "=/no/such/group"))
		if ($1 != "group-new")
			put("unknown group id " full,
			    with(i, by "=0x1000000000000000"))
	}
	if (field[i] == "session.epoch")
		put("stale epoch " full, with(i, "epoch=9"))
}

function request_faults(	text, copy, i)
{
	text = words()
	if (n) {
		if (!(dump && open))	# a dump of all needs no attribute
			put("no attributes", command)
		put("unknown attribute", words("200:01000000 "))
		put("nest without its flag",
		    command " !" substr(text, length(command) + 2))
	}
	if (many) {
		copy = substr(text, index(text, " " nest[n] "{"))
		for (i = 0; i < max; i++)
			text = text copy
		put("too many", text)
		text = words()
	}
	put("unknown nest", text " 200:01000000")
	# An attribute of 8 bytes that claims to have 72.
	put("truncated", text " ~4800010000000000")
	put("stray bytes", text " ~5a5a5a")
	put("unprivileged" (open ? ", open to all" : ""), text)
	put("root of a user namespace" (open ? ", open to all" : ""), text)
}
