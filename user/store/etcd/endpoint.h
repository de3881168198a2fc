/* SPDX-License-Identifier: GPL-2.0 */
/* The members of an etcd cluster that requests can go to. Pure. */
#ifndef CGSPAN_STORE_ETCD_ENDPOINT_H
#define CGSPAN_STORE_ETCD_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>

struct cgspan_err;

/**
 * struct endpoint - one member
 * @url: without a slash at the end
 * @bad: the member has failed since any member last answered
 */
struct endpoint {
	char *url;
	bool bad;
};

/**
 * struct endpoints - all members; all 0 is an empty list
 * @list: the members
 * @n: number of members
 * @current: index of the member that requests go to
 */
struct endpoints {
	struct endpoint *list;
	size_t n;
	size_t current;
};

/**
 * endpoints_parse() - read a list of members
 * @e: an empty list; free it with endpoints_fini(), also after an error
 * @urls: "https://host:port,https://host:port,..."
 * @err: why it failed
 *
 * A random member becomes the current one.
 *
 * Return: 0, -EINVAL or -ENOMEM.
 */
int endpoints_parse(struct endpoints *e, const char *urls,
		    struct cgspan_err *err);

void endpoints_fini(struct endpoints *e);

/* Note that a member has answered: no member counts as bad any more. */
void endpoints_good(struct endpoints *e);

/**
 * endpoints_bad() - note that a member has failed
 * @e: the list
 * @i: index of the member; if it is the current one, the next becomes current
 *
 * Return: true if every member has failed since one last answered.
 */
bool endpoints_bad(struct endpoints *e, size_t i);

#endif /* CGSPAN_STORE_ETCD_ENDPOINT_H */
