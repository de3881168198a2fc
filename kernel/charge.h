/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_CHARGE_H
#define CGSPAN_CHARGE_H

#include "reserve.h"

int cgspan_charge_fork(struct cgspan_group *group, bool force,
		       struct cgspan_reserve *reserve);
void cgspan_charge_unfork(struct cgspan_group *group,
			  struct cgspan_reserve *reserve);
void cgspan_charge_exec(struct cgspan_group *group);
bool cgspan_charge_move(struct cgspan_group *from, struct cgspan_group *to,
			bool live, struct cgspan_reserve *reserve);
void cgspan_charge_reap(struct cgspan_group *group, bool ended,
			struct cgspan_reserve *reserve,
			const struct cgspan_usage *usage, u64 max_rss);
void cgspan_charge_use(struct cgspan_group *group, bool ended,
		       const struct cgspan_usage *usage);
void cgspan_charge_count(struct cgspan_group *group,
			 enum cgspan_group_stat stat, s64 n);

#endif /* CGSPAN_CHARGE_H */
