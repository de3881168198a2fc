// SPDX-License-Identifier: GPL-2.0
#include "txn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libcgspan/err.h"

void txn_init(struct txn *t)
{
	memset(t, 0, sizeof(*t));
	t->view.cmps = t->cmps;
	t->view.ops = t->ops;
}

void txn_fini(struct txn *t)
{
	for (size_t i = 0; i < t->view.n_cmps; i++)
		free((char *)t->cmps[i].key);
	for (size_t i = 0; i < t->view.n_ops; i++) {
		free((char *)t->ops[i].key);
		free((char *)t->ops[i].val);
	}
	txn_init(t);
}

bool txn_room(const struct txn *t, size_t n)
{
	return t->view.n_cmps + t->view.n_ops + n <= STORE_TXN_MAX;
}

int txn_check(const struct txn *t, struct cgspan_err *err)
{
	if (t->error == -ENOMEM)
		return cgspan_err_nomem(err);
	if (t->error)
		cgspan_err_set(err, t->error,
			       "too many changes for one transaction");
	return t->error;
}

/* A copy of @key, owned by the caller; NULL: an error, now in @t->error. */
static char *copy_key(struct txn *t, const char *key)
{
	char *copy;

	if (!txn_room(t, 1)) {
		t->error = -E2BIG;
		return NULL;
	}
	copy = strdup(key);
	if (!copy)
		t->error = -ENOMEM;
	return copy;
}

void txn_compare(struct txn *t, const char *key, int64_t mod_rev)
{
	char *copy;

	for (size_t i = 0; i < t->view.n_cmps; i++)
		if (!strcmp(t->cmps[i].key, key))
			return;

	copy = copy_key(t, key);
	if (copy)
		t->cmps[t->view.n_cmps++] = (struct store_cmp){ copy, mod_rev };
}

static void set_op(struct txn *t, const char *key, char *val)
{
	struct store_op *op = NULL;
	char *copy;

	for (size_t i = 0; i < t->view.n_ops; i++)
		if (!strcmp(t->ops[i].key, key))
			op = &t->ops[i];

	if (!op) {
		copy = copy_key(t, key);
		if (!copy) {
			free(val);
			return;
		}
		op = &t->ops[t->view.n_ops++];
		op->key = copy;
	}
	free((char *)op->val);
	op->val = val;
	op->len = val ? strlen(val) : 0;
}

void txn_put(struct txn *t, const char *key, char *val)
{
	if (!val)
		t->error = -ENOMEM;
	else
		set_op(t, key, val);
}

void txn_delete(struct txn *t, const char *key)
{
	set_op(t, key, NULL);
}
