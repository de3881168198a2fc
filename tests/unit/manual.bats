#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0

bats_require_minimum_version 1.5.0

setup_file()
{
	export TOP=$BATS_TEST_DIRNAME/../..
	export PAGE=$TOP/user/man/libcgspan.3 LIB=$TOP/user/libcgspan
	grep -hE '^[a-z].*\<cgspan_[a-z_]+\(' "$LIB/cgspan.h" "$LIB/err.h" |
		sed 's/(.*//; s/.*[ *]//' | sort >"$BATS_FILE_TMPDIR/functions"
	[ -s "$BATS_FILE_TMPDIR/functions" ]
}

example() { awk "${@}" -f "$TOP/tests/vm/prog/example.awk" "$PAGE"; }

# Compare stdin with the list of functions.
are_functions() { diff -u "$BATS_FILE_TMPDIR/functions" <(sort); }

@test "every program of libcgspan(3) compiles against the library without a warning" {
	local name names
	names=$(example)
	[ "$(grep -c '^int main' "$PAGE")" = "$(wc -w <<<"$names")" ]
	for name in $names; do
		example -v name="$name" >"$BATS_TEST_TMPDIR/$name.c"
		run -0 cc -O2 -Wall -Wextra -Werror -I"$TOP/include/uapi" -I"$LIB" \
			-fsanitize=address,undefined -o "$BATS_TEST_TMPDIR/$name" \
			"$BATS_TEST_TMPDIR/$name.c" -L"$TOP/build/asan" -lcgspan
	done
	[ ! -e /sys/module/cgspan ] || skip "they compile; the module is loaded, which they would change"
	for name in $names; do
		LD_LIBRARY_PATH=$TOP/build/asan run -1 "$BATS_TEST_TMPDIR/$name"
		[[ $output == *'the cgspan module is not loaded'* ]]
	done
}

@test "the library exports the functions of its headers, and no others" {
	sed -n 's/^\t\(cgspan_[a-z_]*\);/\1/p' "$LIB/libcgspan.map" | are_functions
	nm -D --defined-only "$TOP/build/asan/libcgspan.so" |
		sed -n 's/.* T \(cgspan_[a-z_]*\)\(@.*\)*$/\1/p' | are_functions
}

@test "every function of the library has its kernel-doc, and is in libcgspan(3)" {
	cat "$LIB/cgspan.h" "$LIB/err.h" | grep -A 1 '^/\*\*$' |
		sed -n 's/^ \* \(cgspan_[a-z_]*\)() - .*/\1/p' | are_functions
	grep -oE '\<cgspan_[a-z_]+' "$PAGE" | sort -u |
		comm -12 - "$BATS_FILE_TMPDIR/functions" | are_functions
}
