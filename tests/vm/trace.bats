#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
#
# What researchers get: the events cgspan:*, debugfs, histograms.

load helper

I=/sys/kernel/tracing/instances/test

teardown()
{
	[ ! -d $I ] || rmdir $I
	tidy
}

# The events that happen from here on.
listen()
{
	mkdir $I
	echo 1 >$I/events/cgspan/enable
}

# happened EVENT FIELDS: an event with these fields, in this order
happened()
{
	grep -E " $1: (.* )?$2( |\$)" $I/trace ||
		{ echo "no $1 with $2 in:"; cat $I/trace; return 1; }
}

count() { grep -cE " $1: " $I/trace || :; }

@test "every event fires, with the figures as they are after it" {
	mkcg a
	ns=$(stat -Lc %i /proc/self/ns/net)
	listen
	group /web
	group /web/front
	id=$(field id)
	bind "$T/a" /web/front
	lease /web 2
	happened lease_set "node=$ns id=[0-9]+ path=/web res=tasks asked=2 lease=2 used=0 low=0 exhausted=0"
	[ "$(spawn "$T/a" 3)" = "2 1" ]
	happened admit "node=$ns id=$id path=/web/front res=tasks n=1 used=1 lease=-1"
	happened admit "path=/web/front res=tasks n=1 used=2 lease=-1"
	[ "$(count admit)" = 2 ]
	happened refuse "node=$ns id=$id path=/web/front res=tasks n=1 reason=lease by=[0-9]+ by_path=/web used=2 lease=2"
	[ "$(count refuse)" = 1 ]
	[ "$(count debt)" = 0 ]
	resident "$T/a"
	happened debt "path=/web res=tasks n=1 used=3 lease=2"
	[ "$(count debt)" = 1 ]
	drain "$T/a"
	happened exit "id=$id path=/web/front pid=$pid tgid=$pid comm=sleep code=9"
	[ "$(count exit)" = 3 ]
	[ "$(count expiry)" = 0 ]
	join 3 1000
	happened lease_set "path=/web res=tasks asked=0 lease=0 used=0"
	within 10 happened expiry "node=$ns name= epoch=3 deadline=[0-9]+ now=[0-9]+"
	ask owner group-set group{ path=/web/front on-expiry=1 }
	[ "$(spawn "$T/a" 1)" = "0 1" ]
	happened refuse "path=/web/front res=tasks n=1 reason=expired by=$id"
}

@test "the module is unloaded while its events are listened to" {
	listen
	group /web
	rmmod cgspan
	[ ! -e $I/events/cgspan ]
	load_module
	[ -e $I/events/cgspan/admit ]
}
