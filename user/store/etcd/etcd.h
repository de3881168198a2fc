/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_STORE_ETCD_H
#define CGSPAN_STORE_ETCD_H

struct store_engine;

extern const struct store_engine store_etcd;

#endif /* CGSPAN_STORE_ETCD_H */
