/* SPDX-License-Identifier: GPL-2.0 */
/* TAP, with the plan at the end. A test is a function that returns whether it passed. */
#ifndef TESTS_UNIT_TAP_H
#define TESTS_UNIT_TAP_H

#include <stdbool.h>
#include <stdio.h>

/* Callbacks, and functions that replace others in a test, may leave parameters unused. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

struct tap {
	unsigned int n;
	unsigned int failed;
};

/* If @x is false, report it and return false from the function that has this CHECK. */
#define CHECK(x)							\
	do {								\
		if (!(x)) {						\
			printf("# %s:%d: failed: %s\n", __FILE__,	\
			       __LINE__, #x);				\
			return false;					\
		}							\
	} while (0)

static inline void tap_result(struct tap *t, bool ok, const char *subject,
			      const char *what)
{
	t->n++;
	t->failed += !ok;
	printf("%sok %u - %s%s%s\n", ok ? "" : "not ", t->n, subject,
	       *subject ? ": " : "", what);
	fflush(stdout);
}

static inline void tap_skip(struct tap *t, const char *subject, const char *what,
			    const char *why)
{
	t->n++;
	printf("ok %u - %s%s%s # SKIP %s\n", t->n, subject,
	       *subject ? ": " : "", what, why);
}

static inline int tap_end(const struct tap *t)
{
	printf("1..%u\n", t->n);
	return t->failed ? 1 : 0;
}

struct tap_test {
	bool (*fn)(void);
	const char *name;
};

#define TAP_RUN(tests) tap_run(tests, sizeof(tests) / sizeof(*(tests)))

/* Run @n tests. Return: the exit status: 1 if any test failed, else 0. */
static inline int tap_run(const struct tap_test *tests, size_t n)
{
	struct tap tap = { 0 };

	for (size_t i = 0; i < n; i++)
		tap_result(&tap, tests[i].fn(), "", tests[i].name);
	return tap_end(&tap);
}

#endif /* TESTS_UNIT_TAP_H */
