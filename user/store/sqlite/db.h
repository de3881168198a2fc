/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The SQLite file: keys, a bounded log of changes, a revision, an identity.
 * Every call blocks; one thread at a time. Keys are whole.
 */
#ifndef CGSPAN_STORE_SQLITE_DB_H
#define CGSPAN_STORE_SQLITE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cgspan_err;
struct sqlite_db;
struct kvs;
struct store_req;

/* Revisions that the log keeps for watches. */
#define SQLITE_DB_LOG_REVS	10000

/**
 * sqlite_db_open() - open the file, or create it
 * @out: close it with sqlite_db_close()
 * @path: of the file; its folder must exist
 * @prefix_len: bytes to remove from the start of each key of an answer
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int sqlite_db_open(struct sqlite_db **out, const char *path, size_t prefix_len,
		   struct cgspan_err *err);

/**
 * sqlite_db_close() - close it
 * @db: may be NULL
 */
void sqlite_db_close(struct sqlite_db *db);

/**
 * sqlite_db_interrupt() - let a call in another thread fail soon
 * @db: the file; from any thread
 */
void sqlite_db_interrupt(struct sqlite_db *db);

/**
 * sqlite_db_identity() - the random id that the file got at its creation
 * @db: the file
 *
 * Return: text, owned by @db.
 */
const char *sqlite_db_identity(const struct sqlite_db *db);

/**
 * sqlite_db_run() - carry out a read or a transaction
 * @db: the file
 * @req: answered in place
 */
void sqlite_db_run(struct sqlite_db *db, struct store_req *req);

/**
 * sqlite_db_probe() - check that the file can be read and written
 * @db: the file
 * @err: why it cannot
 *
 * Return: 0, -EROFS if it can be read only, another negative errno if neither.
 */
int sqlite_db_probe(struct sqlite_db *db, struct cgspan_err *err);

/**
 * sqlite_db_scan() - read the log
 * @db: the file
 * @prefix: of the keys wanted
 * @from: first revision wanted
 * @l: changes in order, whole revisions
 * @upto: @l is complete up to and including this revision
 * @rev: the current revision
 * @compacted: the log begins after this revision
 * @err: why it failed
 *
 * One call reads a bounded number of revisions: continue at @upto + 1.
 *
 * Return: 0 or a negative errno.
 */
int sqlite_db_scan(struct sqlite_db *db, const char *prefix, int64_t from,
		   struct kvs *l, int64_t *upto, int64_t *rev,
		   int64_t *compacted, struct cgspan_err *err);

#endif /* CGSPAN_STORE_SQLITE_DB_H */
