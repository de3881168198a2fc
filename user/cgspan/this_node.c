// SPDX-License-Identifier: GPL-2.0
#include "this_node.h"

int this_node_read(struct cgspan_node *node, struct cgspan_session *session,
		   struct cgspan_err *err)
{
	struct cgspan *k;
	int ret;

	ret = cgspan_open(&k, err);
	if (ret)
		return ret;
	ret = cgspan_node_get(k, node, session, err);
	cgspan_close(k);
	return ret;
}
