// SPDX-License-Identifier: GPL-2.0
/*
 * One SQLite file as a store. With WAL and synchronous=FULL a committed
 * transaction survives a crash of the machine. Transactions are BEGIN
 * IMMEDIATE, so that no other process writes between compares and changes.
 */
#include "db.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

#include "store/engine.h"

/* "cgsp" in the file's header marks it as a database of this program. */
#define APPLICATION_ID	0x63677370
#define FORMAT		1
#define BUSY_MS		2000
/* For how long opening tries to set WAL, and the pause between two tries. */
#define OPEN_MS		10000
#define RETRY_MS	10
#define SCAN_REVS	1000
/* Maximum of revisions that the log keeps for watches. */
#define LOG_REVS	10000

static const char schema[] =
	"CREATE TABLE meta (id INTEGER PRIMARY KEY CHECK (id = 1),"
	" identity TEXT NOT NULL, rev INTEGER NOT NULL,"
	" compacted INTEGER NOT NULL, probes INTEGER NOT NULL);"
	"CREATE TABLE kv (key BLOB PRIMARY KEY, val BLOB NOT NULL,"
	" mod_rev INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE log (rev INTEGER NOT NULL, seq INTEGER NOT NULL,"
	" key BLOB NOT NULL, val BLOB, PRIMARY KEY (rev, seq)) WITHOUT ROWID;";

struct sqlite_db {
	struct sqlite3 *db;
	char *path;
	size_t prefix_len;
	/* Identity of the open file: the path may name another file later. */
	dev_t dev;
	ino_t ino;
	/* Row of the table meta, read by begin(); next_rev() raises @rev. */
	char identity[SD_ID128_STRING_MAX];
	int64_t rev;
	int64_t compacted;
};

static int errno_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
		return 0;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_TOOBIG:
		return -E2BIG;
	case SQLITE_INTERRUPT:
		return -EINTR;
	case SQLITE_CANTOPEN:
		return -ENOENT;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return -EUCLEAN;
	default:
		return -EIO;
	}
}

static int fail(struct sqlite_db *db, int rc, struct cgspan_err *err)
{
	return cgspan_err_set(err, errno_of(rc), "%s: %s", db->path,
			      db->db ? sqlite3_errmsg(db->db) :
				       sqlite3_errstr(rc));
}

/* Running statements */

/* Handle one row of a statement; returns SQLITE_OK, or an error to stop. */
typedef int row_fn(struct sqlite_db *db, struct sqlite3_stmt *st, void *arg);

static int bind(sqlite3_stmt *st, int i, char type, va_list *ap)
{
	const char *bytes;
	size_t len;

	if (type == 'i')
		return sqlite3_bind_int64(st, i, va_arg(*ap, int64_t));
	bytes = va_arg(*ap, const char *);
	len = type == 'k' ? strlen(bytes) : va_arg(*ap, size_t);
	return sqlite3_bind_blob64(st, i, bytes, len, SQLITE_STATIC);
}

/*
 * Run one statement. @types has a letter for each of its parameters: 'k' is a
 * key, 'v' a value (NULL: none) and its length, 'i' an int64_t.
 */
static int query(struct sqlite_db *db, row_fn *row, void *arg, const char *sql,
		 const char *types, ...)
{
	sqlite3_stmt *st;
	va_list ap;
	int rc;

	rc = sqlite3_prepare_v2(db->db, sql, -1, &st, NULL);
	va_start(ap, types);
	for (int i = 0; !rc && types[i]; i++)
		rc = bind(st, i + 1, types[i], &ap);
	va_end(ap);

	while (!rc) {
		rc = sqlite3_step(st);
		if (rc == SQLITE_ROW)
			rc = row ? row(db, st, arg) : SQLITE_OK;
	}
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int exec(struct sqlite_db *db, const char *sql)
{
	return sqlite3_exec(db->db, sql, NULL, NULL, NULL);
}

static int add_row(struct sqlite_db *db, sqlite3_stmt *st, void *arg)
{
	const char *key = sqlite3_column_blob(st, 0);
	size_t len = (size_t)sqlite3_column_bytes(st, 0);
	const void *val = sqlite3_column_blob(st, 1);

	if (len < db->prefix_len)
		return SQLITE_CORRUPT;
	/* For an empty blob SQLite returns NULL, as for no value. */
	if (!val && sqlite3_column_type(st, 1) != SQLITE_NULL)
		val = "";
	if (kvs_append(arg, key + db->prefix_len, len - db->prefix_len, val,
		       (size_t)sqlite3_column_bytes(st, 1),
		       sqlite3_column_int64(st, 2)))
		return SQLITE_NOMEM;
	return SQLITE_OK;
}

static int get(struct sqlite_db *db, const char *key, struct kvs *kvs)
{
	return query(db, add_row, kvs,
		     "SELECT key, val, mod_rev FROM kv WHERE key = ?1", "k",
		     key);
}

/* Keys are text, so @prefix with x'FF' sorts after all keys that it begins. */
static int get_range(struct sqlite_db *db, const char *prefix, struct kvs *kvs)
{
	return query(db, add_row, kvs,
		     "SELECT key, val, mod_rev FROM kv WHERE key >= ?1"
		     " AND key < CAST(?1 || x'ff' AS BLOB) ORDER BY key", "k",
		     prefix);
}

static int meta_row(struct sqlite_db *db, sqlite3_stmt *st, void *arg)
{
	const unsigned char *id = sqlite3_column_text(st, 2);
	bool *found = arg;

	*found = true;
	db->rev = sqlite3_column_int64(st, 0);
	db->compacted = sqlite3_column_int64(st, 1);
	snprintf(db->identity, sizeof(db->identity), "%s",
		 id ? (const char *)id : "");
	return SQLITE_OK;
}

/* Begin a transaction, and read the table meta. */
static int begin(struct sqlite_db *db, const char *sql)
{
	bool found = false;
	int rc = exec(db, sql);

	if (!rc)
		rc = query(db, meta_row, &found,
			   "SELECT rev, compacted, identity FROM meta", "");
	return rc || found ? rc : SQLITE_CORRUPT;
}

static void rollback(struct sqlite_db *db)
{
	/* Some errors have rolled the transaction back already. */
	if (!sqlite3_get_autocommit(db->db))
		exec(db, "ROLLBACK");
}

/* Opening the file */

static int create(struct sqlite_db *db)
{
	char *text;
	sd_id128_t id;
	int rc;

	if (sd_id128_randomize(&id) < 0)
		return SQLITE_IOERR;
	/* Revisions begin at 1, as in etcd: 0 means "no key". */
	text = sqlite3_mprintf("%s INSERT INTO meta VALUES (1, %Q, 1, 0, 0);"
			       "PRAGMA application_id = %d;"
			       "PRAGMA user_version = %d;",
			       schema, SD_ID128_TO_STRING(id), APPLICATION_ID,
			       FORMAT);
	if (!text)
		return SQLITE_NOMEM;
	rc = exec(db, text);
	sqlite3_free(text);
	return rc;
}

static int numbers_row(struct sqlite_db *db, sqlite3_stmt *st, void *arg)
{
	int *n = arg;

	(void)db;
	for (int i = 0; i < sqlite3_column_count(st); i++)
		n[i] = sqlite3_column_int(st, i);
	return SQLITE_OK;
}

/* Check the file, or fill a new one, which no other process sees half full. */
static int check_format(struct sqlite_db *db, struct cgspan_err *err)
{
	int found[3] = { 0 };	/* application id, format, number of tables */
	int ret, rc;

	rc = exec(db, "BEGIN IMMEDIATE");
	if (!rc)
		rc = query(db, numbers_row, found,
			   "SELECT application_id, user_version,"
			   " (SELECT count(*) FROM sqlite_master)"
			   " FROM pragma_application_id, pragma_user_version",
			   "");
	if (!rc && !found[0] && !found[2]) {
		rc = create(db);
		found[0] = APPLICATION_ID;
		found[1] = FORMAT;
	}
	if (!rc)
		rc = exec(db, "COMMIT");
	if (rc)
		return fail(db, rc, err);

	if (found[0] != APPLICATION_ID)
		return cgspan_err_set(err, -EINVAL,
				      "%s: is a database of another program: choose another file",
				      db->path);
	if (found[1] != FORMAT)
		return cgspan_err_set(err, -EINVAL,
				      "%s: has format %d, this cgspan supports %d: install a newer cgspan",
				      db->path, found[1], FORMAT);
	/* begin() reads the identity, in the table meta. */
	rc = begin(db, "BEGIN");
	ret = rc ? fail(db, rc, err) : 0;
	rollback(db);
	return ret;
}

static int wal_row(struct sqlite_db *db, sqlite3_stmt *st, void *arg)
{
	const unsigned char *mode = sqlite3_column_text(st, 0);
	bool *wal = arg;

	(void)db;
	*wal = mode && !strcmp((const char *)mode, "wal");
	return SQLITE_OK;
}

static int configure(struct sqlite_db *db, struct cgspan_err *err)
{
	bool wal = false;
	int rc;

	sqlite3_extended_result_codes(db->db, 1);
	/* SQLite does not wait if another process sets WAL mode: retry. */
	for (int ms = 0; ms < OPEN_MS; ms += RETRY_MS) {
		rc = query(db, wal_row, &wal, "PRAGMA journal_mode = WAL", "");
		if (errno_of(rc) != -EBUSY)
			break;
		sqlite3_sleep(RETRY_MS);
	}
	sqlite3_busy_timeout(db->db, BUSY_MS);
	if (!rc)
		rc = exec(db, "PRAGMA synchronous = FULL");
	if (rc)
		return fail(db, rc, err);
	if (!wal)
		return cgspan_err_set(err, -EINVAL,
				      "%s: SQLite cannot use a write-ahead log there: use a local file system",
				      db->path);
	return 0;
}

/* Create the file for its owner alone, unless it exists; note its inode. */
static int create_file(struct sqlite_db *db, struct cgspan_err *err)
{
	struct stat st;
	int fd, ret = 0;

	fd = open(db->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return cgspan_err_set(err, -errno, "%s: %s%s", db->path,
				      strerror(errno), errno == ENOENT ?
				      ": create the folder first" : "");
	if (fstat(fd, &st))
		ret = cgspan_err_set(err, -errno, "%s: %s", db->path,
				     strerror(errno));
	db->dev = st.st_dev;
	db->ino = st.st_ino;
	close(fd);
	return ret;
}

int sqlite_db_open(struct sqlite_db **out, const char *path, size_t prefix_len,
		   struct cgspan_err *err)
{
	struct sqlite_db *db = calloc(1, sizeof(*db));
	int ret, rc;

	if (!db)
		return cgspan_err_nomem(err);
	db->prefix_len = prefix_len;
	db->path = strdup(path);
	ret = db->path ? create_file(db, err) : cgspan_err_nomem(err);
	if (ret)
		goto close;

	rc = sqlite3_open_v2(path, &db->db,
			     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	ret = rc ? fail(db, rc, err) : configure(db, err);
	if (!ret)
		ret = check_format(db, err);
	if (ret)
		goto close;
	*out = db;
	return 0;

close:
	sqlite_db_close(db);
	return ret;
}

void sqlite_db_close(struct sqlite_db *db)
{
	if (!db)
		return;
	sqlite3_close(db->db);
	free(db->path);
	free(db);
}

void sqlite_db_interrupt(struct sqlite_db *db)
{
	sqlite3_interrupt(db->db);
}

const char *sqlite_db_identity(const struct sqlite_db *db)
{
	return db->identity;
}

/* -ESTALE: the file was moved or removed; SQLite would still write to it. */
static int check_same_file(struct sqlite_db *db, struct cgspan_err *err)
{
	struct stat st;

	if (!stat(db->path, &st) && st.st_dev == db->dev &&
	    st.st_ino == db->ino)
		return 0;
	return cgspan_err_set(err, -ESTALE,
			      "%s: was removed or replaced while in use: put it back or restart",
			      db->path);
}

/* Executing reads */

static void read_keys(struct sqlite_db *db, struct store_req *req)
{
	/* One snapshot for revision and keys; with WAL no writer delays it. */
	int rc = begin(db, "BEGIN");

	if (!rc)
		rc = req->prefix ? get_range(db, req->key, &req->kvs) :
				   get(db, req->key, &req->kvs);
	if (rc)
		fail(db, rc, &req->err);
	req->rev = db->rev;
	rollback(db);
}

/* Executing transactions */

static int compare(struct sqlite_db *db, const struct store_kv *cmp,
		   struct kvs *l, bool *same)
{
	const char *key = cmp->key + db->prefix_len;
	size_t before = l->n;
	int rc;

	rc = get(db, cmp->key, l);
	if (rc)
		return rc;
	if (l->n == before && kvs_append(l, key, strlen(key), NULL, 0, 0))
		return SQLITE_NOMEM;
	if (l->kv[before].mod_rev != cmp->mod_rev)
		*same = false;
	return SQLITE_OK;
}

static int change(struct sqlite_db *db, const struct store_kv *op, size_t seq,
		  bool *changed)
{
	int64_t rev = db->rev + 1;
	int rc;

	if (op->val)
		rc = query(db, NULL, NULL,
			   "INSERT INTO kv (key, val, mod_rev) VALUES (?1, ?2, ?3)"
			   " ON CONFLICT (key) DO UPDATE SET val = ?2, mod_rev = ?3",
			   "kvi", op->key, op->val, op->len, rev);
	else
		rc = query(db, NULL, NULL, "DELETE FROM kv WHERE key = ?1",
			   "k", op->key);
	/* As in etcd, to delete a missing key is no change. */
	if (rc || !sqlite3_changes(db->db))
		return rc;
	*changed = true;
	return query(db, NULL, NULL,
		     "INSERT INTO log (rev, seq, key, val) VALUES (?1, ?2, ?3, ?4)",
		     "iikv", rev, (int64_t)seq, op->key, op->val, op->len);
}

static int next_rev(struct sqlite_db *db)
{
	int64_t oldest = ++db->rev - LOG_REVS;
	int rc;

	rc = query(db, NULL, NULL, "DELETE FROM log WHERE rev <= ?1", "i",
		   oldest);
	if (rc)
		return rc;
	return query(db, NULL, NULL,
		     "UPDATE meta SET rev = ?1, compacted = max(compacted, ?2)",
		     "ii", db->rev, oldest);
}

/* Check the compares and make the changes, between BEGIN and COMMIT. */
static int apply(struct sqlite_db *db, struct store_req *req, bool *same)
{
	bool changed = false;
	int rc = SQLITE_OK;

	for (size_t i = 0; !rc && i < req->cmps.n; i++)
		rc = compare(db, &req->cmps.kv[i], &req->kvs, same);
	if (rc || !*same)
		return rc;

	for (size_t i = 0; !rc && i < req->ops.n; i++)
		rc = change(db, &req->ops.kv[i], i, &changed);
	return !rc && changed ? next_rev(db) : rc;
}

/*
 * A commit that failed (except as below) may have written all its frames to the
 * write-ahead log, which the next start would apply: the result is UNKNOWN.
 */
static enum store_result commit_failure(int rc)
{
	int no = errno_of(rc);

	if (no == -EBUSY || no == -ENOSPC || no == -EROFS)
		return STORE_ERROR;
	return STORE_UNKNOWN;
}

static void change_keys(struct sqlite_db *db, struct store_req *req)
{
	bool same = true;
	int rc;

	req->res = STORE_ERROR;
	if (check_same_file(db, &req->err))
		return;

	rc = begin(db, "BEGIN IMMEDIATE");
	if (!rc)
		rc = apply(db, req, &same);
	if (!rc && !same) {
		req->res = STORE_CONFLICT;
	} else if (!rc) {
		rc = exec(db, "COMMIT");
		req->res = rc ? commit_failure(rc) : STORE_APPLIED;
		kvs_fini(&req->kvs);
	}
	if (rc)
		fail(db, rc, &req->err);
	req->rev = db->rev;
	rollback(db);
}

void sqlite_db_run(struct sqlite_db *db, struct store_req *req)
{
	if (req->key)
		read_keys(db, req);
	else
		change_keys(db, req);
}

void sqlite_db_probe(struct sqlite_db *db, struct cgspan_err *err)
{
	int rc;

	if (check_same_file(db, err))
		return;
	rc = begin(db, "BEGIN");
	rollback(db);
	if (rc) {
		fail(db, rc, err);
		return;
	}
	/* Increase a counter: SQLite does not write an unchanged value. */
	rc = exec(db, "BEGIN IMMEDIATE; UPDATE meta SET probes = probes + 1; COMMIT");
	if (rc && fail(db, rc, err) != -EBUSY)
		err->no = -EROFS;
	rollback(db);
}

/* Reading the log */

void sqlite_db_scan(struct sqlite_db *db, struct sqlite_scan *scan,
		    struct store_req *req)
{
	int rc = begin(db, "BEGIN");

	req->rev = db->rev;
	scan->compacted = db->compacted;
	scan->upto = db->rev;
	if (scan->from + SCAN_REVS <= db->rev)
		scan->upto = scan->from + SCAN_REVS - 1;
	if (!rc)
		rc = query(db, add_row, &req->kvs,
			   "SELECT key, val, rev FROM log WHERE rev >= ?2"
			   " AND rev <= ?3 AND substr(key, 1, length(?1)) = ?1"
			   " ORDER BY rev, seq",
			   "kii", req->key, scan->from, scan->upto);
	if (rc)
		fail(db, rc, &req->err);
	rollback(db);
}
