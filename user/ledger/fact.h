/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_LEDGER_FACT_H
#define CGSPAN_LEDGER_FACT_H

#include <stdbool.h>
#include <stdint.h>

/* One resource of one group, as the kernel has it now. */
struct ledger_fact {
	const char *path;
	uint32_t res;			/* enum cgspan_resource */
	uint64_t lease;
	uint64_t used;			/* amount charged or reserved, subtree */
	uint64_t refusals;		/* number of refusals by this lease */
	uint64_t forks;			/* tasks: forks admitted, subtree */
	uint64_t waiting;		/* sum of the amounts of queued requests */
	uint64_t asked;			/* largest amount refused under this lease */
	uint32_t members;		/* 0: no member cgroup in the subtree */
	uint64_t limit;			/* limit that the kernel has */
	uint8_t on_expiry;		/* enum cgspan_on_expiry */
	bool refused;			/* a "credit" event: refused or overdrawn */
};

#endif /* CGSPAN_LEDGER_FACT_H */
