/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The SQLite file: keys, a bounded log of changes, a revision, an identity.
 * Calls may block; one thread at a time. Keys of requests have the store's
 * prefix; those of answers and changes lack it: the first @prefix_len bytes.
 */
#ifndef CGSPAN_STORE_SQLITE_DB_H
#define CGSPAN_STORE_SQLITE_DB_H

#include <stddef.h>
#include <stdint.h>

struct cgspan_err;
struct sqlite_db;
struct store_req;

/**
 * sqlite_db_open() - open the file, or create it
 * @out: close it with sqlite_db_close()
 * @path: of the file; its folder must exist
 * @prefix_len: length of the store's prefix
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int sqlite_db_open(struct sqlite_db **out, const char *path, size_t prefix_len,
		   struct cgspan_err *err);

/* Close the file; @db may be NULL. */
void sqlite_db_close(struct sqlite_db *db);

/* Make a statement that another thread runs fail soon; for any thread. */
void sqlite_db_interrupt(struct sqlite_db *db);

/* The random id that the file got at creation, as last read; owned by @db. */
const char *sqlite_db_identity(const struct sqlite_db *db);

/* Execute a read or a transaction; the answer is put into @req. */
void sqlite_db_run(struct sqlite_db *db, struct store_req *req);

/**
 * sqlite_db_probe() - check that the file can be read and written
 * @db: the file
 * @err: set on failure only; -EROFS: it cannot be written; -EBUSY: it is locked
 */
void sqlite_db_probe(struct sqlite_db *db, struct cgspan_err *err);

/**
 * struct sqlite_scan - which part of the log to read
 * @from: first revision wanted
 * @upto: answer: changes are complete up to and including this revision
 * @compacted: answer: the log begins after this revision
 */
struct sqlite_scan {
	int64_t from;
	int64_t upto;
	int64_t compacted;
};

/**
 * sqlite_db_scan() - read the log
 * @db: the file
 * @scan: which part of it; continue with @upto + 1, as one call reads a bounded
 *	number of revisions
 * @req: its @key is the prefix of the keys wanted; gets whole revisions in
 *	order in @kvs, and the current revision in @rev, or @err
 */
void sqlite_db_scan(struct sqlite_db *db, struct sqlite_scan *scan,
		    struct store_req *req);

#endif /* CGSPAN_STORE_SQLITE_DB_H */
