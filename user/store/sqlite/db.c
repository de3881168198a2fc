// SPDX-License-Identifier: GPL-2.0
/*
 * One SQLite file as a store. With WAL and synchronous=FULL a committed
 * transaction survives a crash of the machine. Transactions are BEGIN IMMEDIATE,
 * so that no other process writes between their compares and their changes.
 */
#include "db.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

#include "store/engine.h"

/* "cgsp": marks the file, for file(1) too, as a database of this program. */
#define APPLICATION_ID	0x63677370
#define FORMAT		1
#define BUSY_MS		2000
/* Opening: how long attempts continue, and the time between two. */
#define OPEN_MS		10000
#define RETRY_MS	10
#define SCAN_REVS	1000

enum stmt {
	BEGIN,
	COMMIT,
	ROLLBACK,
	META,
	GET,
	GET_RANGE,
	PUT,
	DEL,
	LOG,
	TRIM,
	SET_REV,
	SCAN,
	PROBE,
	N_STMTS,
};

static const char *const sql[N_STMTS] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
	[META] = "SELECT rev, compacted, identity FROM meta",
	[GET] = "SELECT key, val, mod_rev FROM kv WHERE key = ?1",
	[GET_RANGE] = "SELECT key, val, mod_rev FROM kv"
		" WHERE key >= ?1 AND key < ?2 ORDER BY key",
	[PUT] = "INSERT INTO kv (key, val, mod_rev) VALUES (?1, ?2, ?3)"
		" ON CONFLICT (key) DO UPDATE SET val = ?2, mod_rev = ?3",
	[DEL] = "DELETE FROM kv WHERE key = ?1",
	[LOG] = "INSERT INTO log (rev, seq, key, val) VALUES (?1, ?2, ?3, ?4)",
	[TRIM] = "DELETE FROM log WHERE rev <= ?1",
	[SET_REV] = "UPDATE meta SET rev = ?1, compacted = ?2",
	[SCAN] = "SELECT key, val, rev FROM log WHERE rev >= ?3 AND rev <= ?4"
		" AND key >= ?1 AND key < ?2 ORDER BY rev, seq",
	/* A new value each time: SQLite would not write an unchanged one. */
	[PROBE] = "UPDATE meta SET probes = probes + 1",
};

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
	struct sqlite3_stmt *stmts[N_STMTS];
	char *path;
	size_t prefix_len;
	char identity[SD_ID128_STRING_MAX];
	/* Of the open file: the path may name another one later. */
	dev_t dev;
	ino_t ino;
};

struct meta {
	int64_t rev;
	int64_t compacted;
};

static int errno_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
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

/* Statements */

static int run(struct sqlite_db *db, enum stmt i)
{
	int rc = sqlite3_step(db->stmts[i]);

	sqlite3_reset(db->stmts[i]);
	sqlite3_clear_bindings(db->stmts[i]);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int bind_key(struct sqlite_db *db, enum stmt i, int col,
		    const char *key)
{
	return sqlite3_bind_blob(db->stmts[i], col, key, (int)strlen(key),
				 SQLITE_STATIC);
}

/* Parameters 1 and 2. X'FF' is after every key, as keys are text. */
static int bind_range(struct sqlite_db *db, enum stmt i, const char *prefix)
{
	char *end = store_prefix_end(prefix);

	if (!end)
		return SQLITE_NOMEM;
	bind_key(db, i, 1, prefix);
	if (*end)
		return sqlite3_bind_blob(db->stmts[i], 2, end, (int)strlen(end),
					 free);
	free(end);
	return sqlite3_bind_blob(db->stmts[i], 2, "\xff", 1, SQLITE_STATIC);
}

static int add_row(struct sqlite_db *db, enum stmt i, struct kvs *l)
{
	sqlite3_stmt *st = db->stmts[i];
	const char *key = sqlite3_column_blob(st, 0);
	size_t len = (size_t)sqlite3_column_bytes(st, 0);
	const void *val = sqlite3_column_blob(st, 1);

	if (len < db->prefix_len)
		return SQLITE_CORRUPT;
	/* SQLite returns NULL for an empty blob too. */
	if (!val && sqlite3_column_type(st, 1) != SQLITE_NULL)
		val = "";
	if (kvs_append(l, key + db->prefix_len, len - db->prefix_len, val,
		       (size_t)sqlite3_column_bytes(st, 1),
		       sqlite3_column_int64(st, 2)))
		return SQLITE_NOMEM;
	return SQLITE_OK;
}

static int rows(struct sqlite_db *db, enum stmt i, struct kvs *l)
{
	int rc, add = SQLITE_OK;

	while ((rc = sqlite3_step(db->stmts[i])) == SQLITE_ROW) {
		add = add_row(db, i, l);
		if (add)
			break;
	}
	sqlite3_reset(db->stmts[i]);
	sqlite3_clear_bindings(db->stmts[i]);
	if (add)
		return add;
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int read_meta(struct sqlite_db *db, struct meta *m)
{
	sqlite3_stmt *st = db->stmts[META];
	int rc = sqlite3_step(st);
	const unsigned char *id;

	if (rc == SQLITE_ROW) {
		m->rev = sqlite3_column_int64(st, 0);
		m->compacted = sqlite3_column_int64(st, 1);
		id = sqlite3_column_text(st, 2);
		snprintf(db->identity, sizeof(db->identity), "%s",
			 id ? (const char *)id : "");
	}
	sqlite3_reset(st);
	if (rc == SQLITE_DONE)
		return SQLITE_CORRUPT;
	return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static void rollback(struct sqlite_db *db)
{
	/* Some errors roll the transaction back. */
	if (!sqlite3_get_autocommit(db->db))
		run(db, ROLLBACK);
}

/* Opening */

static int pragma_get(struct sqlite_db *db, const char *text, int *val)
{
	sqlite3_stmt *st;
	int rc;

	rc = sqlite3_prepare_v2(db->db, text, -1, &st, NULL);
	if (rc)
		return rc;
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*val = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int create(struct sqlite_db *db)
{
	char *text;
	sd_id128_t id;
	int rc;

	if (sd_id128_randomize(&id) < 0)
		return SQLITE_IOERR;
	/* Revisions start at 1, as etcd's do: 0 means "absent". */
	text = sqlite3_mprintf("%s INSERT INTO meta VALUES (1, %Q, 1, 0, 0);"
			       "PRAGMA application_id = %d;"
			       "PRAGMA user_version = %d;",
			       schema, SD_ID128_TO_STRING(id), APPLICATION_ID,
			       FORMAT);
	if (!text)
		return SQLITE_NOMEM;
	rc = sqlite3_exec(db->db, text, NULL, NULL, NULL);
	sqlite3_free(text);
	return rc;
}

/* If two processes create the file at once, the second finds it complete. */
static int check_format(struct sqlite_db *db, struct cgspan_err *err)
{
	int app = 0, format = 0, tables = 0, rc;

	rc = sqlite3_exec(db->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	if (!rc)
		rc = pragma_get(db, "PRAGMA application_id", &app);
	if (!rc)
		rc = pragma_get(db, "PRAGMA user_version", &format);
	if (!rc)
		rc = pragma_get(db, "SELECT count(*) FROM sqlite_master",
				&tables);
	if (!rc && !app && !tables) {
		rc = create(db);
		app = APPLICATION_ID;
		format = FORMAT;
	}
	if (!rc)
		rc = sqlite3_exec(db->db, "COMMIT", NULL, NULL, NULL);
	if (rc)
		return fail(db, rc, err);

	if (app != APPLICATION_ID)
		return cgspan_err_set(err, -EINVAL,
				      "%s: is a database of another program: choose another file",
				      db->path);
	if (format != FORMAT)
		return cgspan_err_set(err, -EINVAL,
				      "%s: has format %d, this cgspan supports %d: install a newer cgspan",
				      db->path, format, FORMAT);
	return 0;
}

static int check_wal(void *arg, int n, char **vals, char **names)
{
	bool *wal = arg;

	(void)names;
	*wal = n == 1 && vals[0] && !strcmp(vals[0], "wal");
	return 0;
}

/* Without waiting, SQLite fails if another process does this too: retry. */
static int set_wal(struct sqlite_db *db, bool *wal)
{
	int ms, rc;

	sqlite3_busy_timeout(db->db, 0);
	for (ms = 0; ms < OPEN_MS; ms += RETRY_MS) {
		rc = sqlite3_exec(db->db, "PRAGMA journal_mode = WAL",
				  check_wal, wal, NULL);
		if (errno_of(rc) != -EBUSY)
			break;
		sqlite3_sleep(RETRY_MS);
	}
	sqlite3_busy_timeout(db->db, BUSY_MS);
	return rc;
}

static int configure(struct sqlite_db *db, struct cgspan_err *err)
{
	bool wal = false;
	int rc;

	sqlite3_extended_result_codes(db->db, 1);
	rc = set_wal(db, &wal);
	if (!rc)
		rc = sqlite3_exec(db->db, "PRAGMA synchronous = FULL", NULL,
				  NULL, NULL);
	if (rc)
		return fail(db, rc, err);
	if (!wal)
		return cgspan_err_set(err, -EINVAL,
				      "%s: SQLite cannot use a write-ahead log there: use a local file system",
				      db->path);
	return 0;
}

static int prepare(struct sqlite_db *db, struct cgspan_err *err)
{
	struct meta m;
	int rc;

	for (int i = 0; i < N_STMTS; i++) {
		rc = sqlite3_prepare_v3(db->db, sql[i], -1,
					SQLITE_PREPARE_PERSISTENT,
					&db->stmts[i], NULL);
		if (rc)
			return fail(db, rc, err);
	}
	rc = read_meta(db, &m);
	return rc ? fail(db, rc, err) : 0;
}

/* Create the file with mode 0600; SQLite would use the umask. */
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
	ret = db->path ? create_file(db, err) :
			 cgspan_err_nomem(err);
	if (ret)
		goto close;

	rc = sqlite3_open_v2(path, &db->db,
			     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	ret = rc ? fail(db, rc, err) : 0;
	if (!ret)
		ret = configure(db, err);
	if (!ret)
		ret = check_format(db, err);
	if (!ret)
		ret = prepare(db, err);
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
	for (int i = 0; i < N_STMTS; i++)
		sqlite3_finalize(db->stmts[i]);
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

/* After the file was moved, SQLite would still write to the old one. */
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

/* Reads */

static void get(struct sqlite_db *db, struct store_req *req)
{
	enum stmt i = req->prefix ? GET_RANGE : GET;
	struct meta m = { 0 };
	int rc;

	/* One snapshot for revision and keys; in WAL mode it never waits. */
	rc = sqlite3_exec(db->db, "BEGIN", NULL, NULL, NULL);
	if (!rc)
		rc = read_meta(db, &m);
	if (!rc)
		rc = req->prefix ? bind_range(db, i, req->key) :
				   bind_key(db, i, 1, req->key);
	if (!rc)
		rc = rows(db, i, &req->kvs);
	if (rc)
		store_req_fail(req, STORE_ERROR, errno_of(rc), "%s: %s",
			       db->path, sqlite3_errmsg(db->db));
	else
		req->rev = m.rev;
	rollback(db);
}

/* Transactions */

static int compare(struct sqlite_db *db, const struct store_cmp *cmp,
		   struct kvs *l, bool *same)
{
	size_t before = l->n;
	int rc;

	bind_key(db, GET, 1, cmp->key);
	rc = rows(db, GET, l);
	if (rc)
		return rc;
	if (l->n == before &&
	    kvs_append(l, cmp->key + db->prefix_len,
		       strlen(cmp->key) - db->prefix_len, NULL, 0, 0))
		return SQLITE_NOMEM;
	if (l->kv[before].mod_rev != cmp->mod_rev)
		*same = false;
	return SQLITE_OK;
}

static int change(struct sqlite_db *db, const struct store_op *op, int64_t rev,
		  size_t seq, bool *changed)
{
	enum stmt i = op->val ? PUT : DEL;
	sqlite3_stmt *log = db->stmts[LOG];
	int rc;

	bind_key(db, i, 1, op->key);
	if (op->val) {
		sqlite3_bind_blob64(db->stmts[i], 2, op->val, op->len,
				    SQLITE_STATIC);
		sqlite3_bind_int64(db->stmts[i], 3, rev);
	}
	rc = run(db, i);
	/* As in etcd, the deletion of a missing key changes nothing. */
	if (rc || !sqlite3_changes(db->db))
		return rc;

	*changed = true;
	sqlite3_bind_int64(log, 1, rev);
	sqlite3_bind_int64(log, 2, (int64_t)seq);
	bind_key(db, LOG, 3, op->key);
	if (op->val)
		sqlite3_bind_blob64(log, 4, op->val, op->len, SQLITE_STATIC);
	return run(db, LOG);
}

static int set_rev(struct sqlite_db *db, struct meta *m)
{
	int rc;

	if (m->rev - m->compacted > SQLITE_DB_LOG_REVS) {
		m->compacted = m->rev - SQLITE_DB_LOG_REVS;
		sqlite3_bind_int64(db->stmts[TRIM], 1, m->compacted);
		rc = run(db, TRIM);
		if (rc)
			return rc;
	}
	sqlite3_bind_int64(db->stmts[SET_REV], 1, m->rev);
	sqlite3_bind_int64(db->stmts[SET_REV], 2, m->compacted);
	return run(db, SET_REV);
}

/* Between BEGIN and COMMIT. */
static int apply(struct sqlite_db *db, struct store_req *req, struct meta *m,
		 bool *same)
{
	const struct store_txn *txn = &req->txn;
	bool changed = false;
	int rc;

	rc = read_meta(db, m);
	for (size_t i = 0; !rc && i < txn->n_cmps; i++)
		rc = compare(db, &txn->cmps[i], &req->kvs, same);
	if (rc || !*same)
		return rc;

	for (size_t i = 0; !rc && i < txn->n_ops; i++)
		rc = change(db, &txn->ops[i], m->rev + 1, i, &changed);
	if (rc || !changed)
		return rc;
	m->rev++;
	return set_rev(db, m);
}

/*
 * A commit that failed with an I/O error may have written its whole frame to
 * the log, and the next start would apply it: the result is UNKNOWN.
 */
static enum store_result commit_failure(int rc)
{
	int no = errno_of(rc);

	if (no == -EBUSY || no == -ENOSPC || no == -EROFS)
		return STORE_ERROR;
	return STORE_UNKNOWN;
}

static void txn(struct sqlite_db *db, struct store_req *req)
{
	enum store_result res = STORE_ERROR;
	struct meta m = { 0 };
	bool same = true;
	int rc;

	rc = check_same_file(db, &req->err);
	if (rc) {
		req->res = STORE_ERROR;
		return;
	}

	rc = run(db, BEGIN);
	if (!rc)
		rc = apply(db, req, &m, &same);
	if (!rc && same) {
		rc = run(db, COMMIT);
		res = rc ? commit_failure(rc) : STORE_APPLIED;
	}
	if (rc) {
		store_req_fail(req, res, errno_of(rc), "%s: %s", db->path,
			       sqlite3_errmsg(db->db));
	} else if (same) {
		req->res = STORE_APPLIED;
		req->rev = m.rev;
		kvs_fini(&req->kvs);
	} else {
		req->res = STORE_CONFLICT;
		req->rev = m.rev;
	}
	rollback(db);
}

void sqlite_db_run(struct sqlite_db *db, struct store_req *req)
{
	if (req->key)
		get(db, req);
	else
		txn(db, req);
}

int sqlite_db_probe(struct sqlite_db *db, struct cgspan_err *err)
{
	struct meta m;
	int rc, ret;

	ret = check_same_file(db, err);
	if (ret)
		return ret;
	rc = read_meta(db, &m);
	if (rc)
		return fail(db, rc, err);

	rc = run(db, BEGIN);
	if (!rc)
		rc = run(db, PROBE);
	if (!rc)
		rc = run(db, COMMIT);
	if (rc)
		fail(db, rc, err);
	rollback(db);
	if (!rc || errno_of(rc) == -EBUSY)
		return errno_of(rc);
	err->no = -EROFS;
	return -EROFS;
}

/* Log */

int sqlite_db_scan(struct sqlite_db *db, const char *prefix, int64_t from,
		   struct kvs *l, int64_t *upto, int64_t *rev,
		   int64_t *compacted, struct cgspan_err *err)
{
	sqlite3_stmt *st = db->stmts[SCAN];
	struct meta m = { 0 };
	int rc, ret = 0;

	rc = sqlite3_exec(db->db, "BEGIN", NULL, NULL, NULL);
	if (!rc)
		rc = read_meta(db, &m);
	*rev = m.rev;
	*compacted = m.compacted;
	*upto = m.rev;
	if (from + SCAN_REVS <= m.rev)
		*upto = from + SCAN_REVS - 1;
	if (!rc)
		rc = bind_range(db, SCAN, prefix);
	if (!rc)
		rc = sqlite3_bind_int64(st, 3, from);
	if (!rc)
		rc = sqlite3_bind_int64(st, 4, *upto);
	if (!rc)
		rc = rows(db, SCAN, l);
	if (rc)
		ret = fail(db, rc, err);
	rollback(db);
	return ret;
}
