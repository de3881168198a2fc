/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_STORE_SQLITE_H
#define CGSPAN_STORE_SQLITE_H

struct store_engine;

extern const struct store_engine store_sqlite;

#endif /* CGSPAN_STORE_SQLITE_H */
