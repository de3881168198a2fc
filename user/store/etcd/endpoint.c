// SPDX-License-Identifier: GPL-2.0
#include "endpoint.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "libcgspan/err.h"

static int add(struct endpoints *e, const char *url, size_t len,
	       struct cgspan_err *err)
{
	struct endpoint *list;

	while (len && url[len - 1] == '/')
		len--;
	if (strncmp(url, "https://", 8) || len <= 8 ||
	    strcspn(url + 8, "/ \t") < len - 8)
		return cgspan_err_set(err, -EINVAL,
				      "store endpoint '%.*s': must be https://host:port",
				      (int)len, url);
	list = reallocarray(e->list, e->n + 1, sizeof(*list));
	if (!list)
		return cgspan_err_nomem(err);
	e->list = list;
	list[e->n].bad = false;
	list[e->n].url = strndup(url, len);
	if (!list[e->n].url)
		return cgspan_err_nomem(err);
	e->n++;
	return 0;
}

int endpoints_parse(struct endpoints *e, const char *urls,
		    struct cgspan_err *err)
{
	int ret;

	for (;;) {
		size_t len = strcspn(urls, ",");

		ret = add(e, urls, len, err);
		if (ret)
			return ret;
		if (!urls[len])
			break;
		urls += len + 1;
	}
	/* Begin with a random member: nodes are spread over the members. */
	e->current = arc4random_uniform((uint32_t)e->n);
	return 0;
}

void endpoints_fini(struct endpoints *e)
{
	for (size_t i = 0; i < e->n; i++)
		free(e->list[i].url);
	free(e->list);
}

void endpoints_good(struct endpoints *e)
{
	for (size_t i = 0; i < e->n; i++)
		e->list[i].bad = false;
}

bool endpoints_bad(struct endpoints *e, size_t i)
{
	e->list[i].bad = true;
	if (e->current == i)
		e->current = (i + 1) % e->n;
	for (i = 0; i < e->n; i++)
		if (!e->list[i].bad)
			return false;
	return true;
}
