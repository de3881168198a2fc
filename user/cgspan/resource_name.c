// SPDX-License-Identifier: GPL-2.0
#include "resource_name.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "this_node.h"

const char *resource_name(const struct cgspan_node *node, uint32_t res)
{
	uint32_t user = res - CGSPAN_RES_USER0;

	if (user < CGSPAN_RES_USERS && node->res_names[user][0])
		return node->res_names[user];
	return cgspan_res_name(res);
}

int resource_name_find(const char *name, uint32_t *res,
		       struct cgspan_err *err)
{
	struct cgspan_node node = {};
	int i, ret;

	i = cgspan_res_find(name);
	if (i >= 0) {
		*res = i;
		return 0;
	}
	ret = this_node_read(&node, NULL, err);
	if (ret && ret != -ENOENT)
		return ret;
	for (i = 0; i < CGSPAN_RES_USERS; i++)
		if (!strcmp(node.res_names[i], name)) {
			*res = CGSPAN_RES_USER0 + i;
			return 0;
		}
	return cgspan_err_set(err, -EINVAL,
			      "no resource is called \"%.60s\": there are tasks, cpu, memory, and what \"cgspan resource\" lists",
			      name);
}

void resource_names(char names[][CGSPAN_RES_NAME_LEN + 1])
{
	struct cgspan_node node = {};
	uint32_t res;

	this_node_read(&node, NULL, NULL);
	for (res = 0; res <= CGSPAN_RES_MAX; res++)
		snprintf(names[res], sizeof(names[res]), "%s",
			 resource_name(&node, res));
}
