/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_LEDGER_FACT_H
#define CGSPAN_LEDGER_FACT_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct ledger_fact - one resource of one group, as the kernel has it now
 * @path: of the group
 * @res: enum cgspan_resource
 * @lease: the lease in the kernel
 * @used: charged or reserved, subtree
 * @refusals: counter: admissions that this lease refused
 * @forks: tasks: counter: admissions in the subtree
 * @waiting: the sum of queued admissions
 * @asked: the largest refused admission since the lease was set
 * @members: members in the subtree: a node without any needs no floor
 * @limit: the cluster's, as the kernel was told
 * @on_expiry: enum cgspan_on_expiry, likewise
 * @refused: a "credit" event says so, or that it is overdrawn
 */
struct ledger_fact {
	const char *path;
	uint32_t res;
	uint64_t lease;
	uint64_t used;
	uint64_t refusals;
	uint64_t forks;
	uint64_t waiting;
	uint64_t asked;
	uint32_t members;
	uint64_t limit;
	uint8_t on_expiry;
	bool refused;
};

#endif /* CGSPAN_LEDGER_FACT_H */
