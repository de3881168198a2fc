# SPDX-License-Identifier: GPL-2.0
#
# awk [-v name=NAME] -f example.awk libcgspan.3: a manual page's program NAME as
# C, or the names of all. A comment before .EX names it: .\" example: NAME

/^\.\\" example: / {
	current = $3
	if (!name)
		print current
}

/^\.EE/ {
	current = inside = ""
}

inside {
	gsub(/\\e/, "\\")
	print
}

/^\.EX/ && name && current == name {
	inside = 1
}
