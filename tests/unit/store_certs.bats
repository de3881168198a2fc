#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0

bats_require_minimum_version 1.5.0

setup()
{
	certs=$BATS_TEST_DIRNAME/../../user/cgspand/cgspan-certs
	cell=$BATS_TEST_TMPDIR/cell
}

@test "an authority signs members and nodes" {
	"$certs" init "$cell"
	"$certs" member "$cell" m1 10.0.0.1 m1.example ::1
	"$certs" node "$cell" n1
	openssl verify -CAfile "$cell/ca.pem" -purpose sslserver "$cell/m1.pem"
	openssl verify -CAfile "$cell/ca.pem" -purpose sslclient "$cell/m1.pem"
	openssl verify -CAfile "$cell/ca.pem" -purpose sslclient "$cell/n1.pem"
	run ! openssl verify -CAfile "$cell/ca.pem" -purpose sslserver "$cell/n1.pem"
}

@test "a member's certificate holds for its addresses and no other" {
	"$certs" init "$cell"
	"$certs" member "$cell" m1 10.0.0.1 m1.example ::1
	openssl verify -CAfile "$cell/ca.pem" -verify_ip 10.0.0.1 "$cell/m1.pem"
	openssl verify -CAfile "$cell/ca.pem" -verify_ip ::1 "$cell/m1.pem"
	openssl verify -CAfile "$cell/ca.pem" -verify_hostname m1.example "$cell/m1.pem"
	run ! openssl verify -CAfile "$cell/ca.pem" -verify_ip 10.0.0.2 "$cell/m1.pem"
}

@test "neither members nor nodes have a common name" {
	"$certs" init "$cell"
	"$certs" member "$cell" m1 10.0.0.1
	"$certs" node "$cell" n1
	for pem in m1 n1; do
		run -0 openssl x509 -in "$cell/$pem.pem" -noout -subject
		[[ $output == *"$pem"* && $output != *CN* ]]
	done
}

@test "keys are for their owner alone" {
	"$certs" init "$cell"
	"$certs" node "$cell" n1
	[ "$(stat -c %a "$cell/ca.key")" = 600 ]
	[ "$(stat -c %a "$cell/n1.key")" = 600 ]
	[ "$(stat -c %a "$cell/n1.pem")" = 644 ]
	[ "$(stat -c %a "$cell")" = 700 ]
}

@test "nothing is overwritten" {
	"$certs" init "$cell"
	"$certs" node "$cell" n1
	before=$(cat "$cell"/*)
	run -1 "$certs" init "$cell"
	[[ $output == *"exists"* ]]
	run -1 "$certs" node "$cell" n1
	[[ $output == *"exists"* ]]
	run -1 "$certs" member "$cell" n1 10.0.0.1
	[ "$before" = "$(cat "$cell"/*)" ]
}

@test "without an authority it says what to do first" {
	mkdir "$cell"
	run -1 "$certs" node "$cell" n1
	[[ $output == *"init $cell"* ]]
	[ -z "$(ls -A "$cell")" ]
}

@test "bad names and addresses are usage errors and leave nothing" {
	"$certs" init "$cell"
	for name in ../x .x -x ca 'a b' a/b ''; do
		run -2 "$certs" node "$cell" "$name"
	done
	for host in 'a,DNS:b' 'a b' '' $'a\nb'; do
		run -2 "$certs" member "$cell" m1 "$host"
	done
	run -2 "$certs" member "$cell" m1
	run -2 "$certs"
	run -2 "$certs" frobnicate
	CGSPAN_CERTS_DAYS=ten run -2 "$certs" node "$cell" n1
	[ "$(ls -A "$cell" | wc -l)" = 2 ]
}
