/* SPDX-License-Identifier: GPL-2.0 */
/* Leases into the kernel. */
#ifndef CGSPAN_LEDGER_LEASE_SET_H
#define CGSPAN_LEDGER_LEASE_SET_H

#include "state.h"

void lease_set_send(struct ledger *l);
/* @held: in the order of the items; NULL: the kernel has refused. */
void lease_set_done(struct ledger *l, const struct ledger_held *held);

#endif /* CGSPAN_LEDGER_LEASE_SET_H */
