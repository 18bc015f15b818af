// SPDX-License-Identifier: GPL-2.0-or-later
/* slowfs: its tree of files and folders, and all requests but those on contents. */
#include "slowfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

pthread_mutex_t fs_lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	struct node node[NODES_MAX];
	uint64_t used; /* sum of node.alloc */
	uint64_t generation;
} fs;

void names_init(void)
{
	fs.node[0].mode = S_IFDIR | 0755;
	fs.node[0].fd = -1;
	fs.node[0].linked = true;
	fs.node[0].uid = getuid();
	fs.node[0].gid = getgid();
	clock_gettime(CLOCK_REALTIME, &fs.node[0].mtime);
}

struct node *node_get(fuse_ino_t ino)
{
	return &fs.node[ino - 1];
}

fuse_ino_t node_ino(const struct node *n)
{
	return (fuse_ino_t)(n - fs.node) + 1;
}

static struct node *node_find(fuse_ino_t parent, const char *name)
{
	size_t i;

	for (i = 1; i < NODES_MAX; i++)
		if (fs.node[i].linked && fs.node[i].parent == parent &&
		    !strcmp(fs.node[i].name, name))
			return &fs.node[i];
	return NULL;
}

static bool node_empty(const struct node *n)
{
	size_t i;

	for (i = 1; i < NODES_MAX; i++)
		if (fs.node[i].linked && fs.node[i].parent == node_ino(n))
			return false;
	return true;
}

static void node_put(struct node *n)
{
	struct xattr *x;

	if (n->nlookup || n->linked || !n->mode)
		return;
	while ((x = n->xattrs)) {
		n->xattrs = x->next;
		free(x);
	}
	if (n->fd >= 0)
		close(n->fd);
	fault_forget(n);
	fs.used -= n->alloc;
	memset(n, 0, sizeof(*n));
}

int node_reserve(struct node *n, uint64_t alloc)
{
	if (alloc <= n->alloc)
		return 0;
	if (fs.used + alloc - n->alloc > set.space)
		return -ENOSPC;
	fs.used += alloc - n->alloc;
	n->alloc = alloc;
	return 0;
}

static void node_stat(struct node *n, struct stat *st)
{
	memset(st, 0, sizeof(*st));
	st->st_ino = node_ino(n);
	st->st_mode = n->mode;
	st->st_nlink = S_ISDIR(n->mode) ? 2 : n->linked;
	st->st_uid = n->uid;
	st->st_gid = n->gid;
	st->st_size = (off_t)fault_size(n);
	st->st_blksize = BLOCK;
	st->st_blocks = (blkcnt_t)((n->alloc + 511) / 512);
	st->st_atim = st->st_mtim = st->st_ctim = n->mtime;
}

static void control_stat(struct stat *st)
{
	memset(st, 0, sizeof(*st));
	st->st_ino = CONTROL_INO;
	st->st_mode = S_IFREG | 0600;
	st->st_nlink = 1;
}

/* --- requests on names */

static void reply_node(fuse_req_t req, struct node *n)
{
	struct fuse_entry_param e = { .attr_timeout = FOREVER_S,
				      .entry_timeout = FOREVER_S };

	e.ino = node_ino(n);
	e.generation = n->generation;
	node_stat(n, &e.attr);
	if (n->fault.shown_until_ns) {
		/* The kernel takes this size without being asked to stat: the true one. */
		e.attr.st_size = (off_t)n->size;
		e.attr_timeout = 0;
	}
	n->nlookup++;
	fuse_reply_entry(req, &e);
}

static void fs_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param e = { .ino = CONTROL_INO };
	struct node *n;

	if (parent == FUSE_ROOT_ID && !strcmp(name, CONTROL_NAME)) {
		control_stat(&e.attr);
		fuse_reply_entry(req, &e);
		return;
	}
	pthread_mutex_lock(&fs_lock);
	n = node_find(parent, name);
	if (n)
		reply_node(req, n);
	else
		fuse_reply_err(req, ENOENT);
	pthread_mutex_unlock(&fs_lock);
}

static void forget_one(fuse_ino_t ino, uint64_t nlookup)
{
	if (ino == CONTROL_INO || ino == FUSE_ROOT_ID)
		return;
	pthread_mutex_lock(&fs_lock);
	node_get(ino)->nlookup -= nlookup;
	node_put(node_get(ino));
	pthread_mutex_unlock(&fs_lock);
}

static void fs_forget(fuse_req_t req, fuse_ino_t ino, uint64_t nlookup)
{
	forget_one(ino, nlookup);
	fuse_reply_none(req);
}

static void fs_forget_multi(fuse_req_t req, size_t nr, struct fuse_forget_data *f)
{
	size_t i;

	for (i = 0; i < nr; i++)
		forget_one(f[i].ino, f[i].nlookup);
	fuse_reply_none(req);
}

/* Without a create handler the kernel makes a file by mknod, then open. */
static void fs_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
		     dev_t rdev)
{
	const struct fuse_ctx *ctx = fuse_req_ctx(req);
	struct node *n = NULL;
	int err = 0, fd = -1;
	size_t i;

	(void)rdev;
	if (!S_ISREG(mode) && !S_ISDIR(mode))
		err = EPERM;
	else if (strlen(name) >= sizeof(n->name))
		err = ENAMETOOLONG;
	if (!err && S_ISREG(mode)) {
		fd = memfd_create("slowfs", MFD_CLOEXEC);
		err = fd < 0 ? errno : 0;
	}
	if (err) {
		fuse_reply_err(req, err);
		return;
	}
	pthread_mutex_lock(&fs_lock);
	if (node_find(parent, name))
		err = EEXIST;
	for (i = 1; i < NODES_MAX && !n; i++)
		if (!fs.node[i].mode)
			n = &fs.node[i];
	if (!n && !err)
		err = ENOSPC;
	if (!err) {
		n->mode = mode;
		n->uid = ctx->uid;
		n->gid = ctx->gid;
		n->fd = fd;
		n->parent = parent;
		n->linked = true;
		n->generation = ++fs.generation;
		strcpy(n->name, name);
		clock_gettime(CLOCK_REALTIME, &n->mtime);
		reply_node(req, n);
	}
	pthread_mutex_unlock(&fs_lock);
	if (err) {
		if (fd >= 0)
			close(fd);
		fuse_reply_err(req, err);
	}
}

static void fs_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	fs_mknod(req, parent, name, S_IFDIR | (mode & 07777), 0);
}

static void remove_name(fuse_req_t req, fuse_ino_t parent, const char *name, bool dir)
{
	struct node *n;
	int err = 0;

	pthread_mutex_lock(&fs_lock);
	n = node_find(parent, name);
	if (!n)
		err = ENOENT;
	else if (dir && !S_ISDIR(n->mode))
		err = ENOTDIR;
	else if (dir && !node_empty(n))
		err = ENOTEMPTY;
	else
		n->linked = false;
	if (n)
		node_put(n);
	pthread_mutex_unlock(&fs_lock);
	fuse_reply_err(req, err);
}

static void fs_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	remove_name(req, parent, name, false);
}

static void fs_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	remove_name(req, parent, name, true);
}

static void fs_rename(fuse_req_t req, fuse_ino_t parent, const char *name,
		      fuse_ino_t newparent, const char *newname, unsigned int flags)
{
	struct node *n, *old;
	int err = 0;

	pthread_mutex_lock(&fs_lock);
	n = node_find(parent, name);
	old = node_find(newparent, newname);
	if (!n)
		err = ENOENT;
	else if (flags & ~1u) /* only RENAME_NOREPLACE */
		err = EINVAL;
	else if (old && flags)
		err = EEXIST;
	else if (old && S_ISDIR(old->mode) && !node_empty(old))
		err = ENOTEMPTY;
	else if (strlen(newname) >= sizeof(n->name))
		err = ENAMETOOLONG;
	if (!err && n != old) {
		if (old)
			old->linked = false;
		n->parent = newparent;
		strcpy(n->name, newname);
		if (old)
			node_put(old);
	}
	pthread_mutex_unlock(&fs_lock);
	fuse_reply_err(req, err);
}

/* An entry's offset is its inode number, which removals do not move. */
static void fs_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		       struct fuse_file_info *fi)
{
	char *buf = self->data;
	size_t used = 0, len, i;
	struct stat st = { 0 };
	const char *name;

	(void)fi;
	if (size > MAX_WRITE)
		size = MAX_WRITE;
	pthread_mutex_lock(&fs_lock);
	for (i = (size_t)off; i < NODES_MAX + 1; i++) {
		const struct node *n = i < 2 ? node_get(ino) : &fs.node[i - 1];

		if (i >= 2 && (!n->linked || n->parent != ino))
			continue;
		name = i == 0 ? "." : i == 1 ? ".." : n->name;
		st.st_ino = node_ino(n);
		st.st_mode = n->mode;
		len = fuse_add_direntry(req, buf + used, size - used, name, &st,
					(off_t)i + 1);
		if (len > size - used)
			break;
		used += len;
	}
	pthread_mutex_unlock(&fs_lock);
	fuse_reply_buf(req, buf, used);
}

/* --- attributes */

static void fs_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct node *n = node_get(ino);
	struct stat st;

	(void)fi;
	if (ino != CONTROL_INO)
		fault_stat(ino);
	pthread_mutex_lock(&fs_lock);
	if (ino == CONTROL_INO) {
		control_stat(&st);
	} else {
		node_stat(n, &st);
		n->fault.unseen = false;
	}
	pthread_mutex_unlock(&fs_lock);
	fuse_reply_attr(req, &st, FOREVER_S);
}

static void fs_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int valid,
		       struct fuse_file_info *fi)
{
	struct node *n = node_get(ino);
	double timeout_s = FOREVER_S;
	struct stat st;
	int err = 0;

	if (ino == CONTROL_INO) {
		fs_getattr(req, ino, fi);
		return;
	}
	pthread_mutex_lock(&fs_lock);
	if (valid & FUSE_SET_ATTR_SIZE &&
	    !fault_truncate(n, (uint64_t)attr->st_size, fi != NULL)) {
		if (ftruncate(n->fd, attr->st_size))
			err = errno;
		/* Blocks past the new end go; a hole costs nothing. */
		if (!err && n->alloc > (uint64_t)attr->st_size) {
			fs.used -= n->alloc - (uint64_t)attr->st_size;
			n->alloc = (uint64_t)attr->st_size;
		}
		if (!err) {
			n->size = (uint64_t)attr->st_size;
			fault_resized(n);
		}
	}
	if (valid & FUSE_SET_ATTR_MODE)
		n->mode = (n->mode & S_IFMT) | (attr->st_mode & 07777);
	if (valid & FUSE_SET_ATTR_UID)
		n->uid = attr->st_uid;
	if (valid & FUSE_SET_ATTR_GID)
		n->gid = attr->st_gid;
	if (valid & FUSE_SET_ATTR_MTIME)
		n->mtime = attr->st_mtim;
	node_stat(n, &st);
	if (n->fault.shown_until_ns) {
		/* As in reply_node(). */
		st.st_size = (off_t)n->size;
		timeout_s = 0;
	}
	pthread_mutex_unlock(&fs_lock);
	if (err)
		fuse_reply_err(req, err);
	else
		fuse_reply_attr(req, &st, timeout_s);
}

static void fs_statfs(fuse_req_t req, fuse_ino_t ino)
{
	struct statvfs st = { .f_bsize = BLOCK,
			      .f_frsize = BLOCK,
			      .f_namemax = 255,
			      .f_files = NODES_MAX,
			      .f_ffree = NODES_MAX,
			      .f_favail = NODES_MAX };

	(void)ino;
	pthread_mutex_lock(&fs_lock);
	st.f_blocks = set.space / BLOCK;
	st.f_bfree = set.space > fs.used ? (set.space - fs.used) / BLOCK : 0;
	st.f_bavail = st.f_bfree;
	pthread_mutex_unlock(&fs_lock);
	fuse_reply_statfs(req, &st);
}

/* --- extended attributes */

/* The link that points to the attribute, or to the NULL where it would be. */
static struct xattr **xattr_find(struct node *n, const char *name)
{
	struct xattr **x = &n->xattrs;

	while (*x && strcmp((*x)->name, name))
		x = &(*x)->next;
	return x;
}

static void fs_setxattr(fuse_req_t req, fuse_ino_t ino, const char *name,
			const char *value, size_t size, int flags)
{
	struct xattr *x, **at;
	int err = 0;

	if (!set.xattr || ino == CONTROL_INO || strncmp(name, "user.", 5)) {
		fuse_reply_err(req, EOPNOTSUPP);
		return;
	}
	x = calloc(1, sizeof(*x) + size);
	if (!x || strlen(name) > XATTR_NAME_MAX) {
		free(x);
		fuse_reply_err(req, ERANGE);
		return;
	}
	strcpy(x->name, name);
	memcpy(x->value, value, size);
	x->bytes = size;
	pthread_mutex_lock(&fs_lock);
	at = xattr_find(node_get(ino), name);
	if (*at && (flags & XATTR_CREATE))
		err = EEXIST;
	else if (!*at && (flags & XATTR_REPLACE))
		err = ENODATA;
	if (!err) {
		struct xattr *old = *at;

		x->next = old ? old->next : NULL;
		*at = x;
		x = old;
	}
	pthread_mutex_unlock(&fs_lock);
	free(x);
	fuse_reply_err(req, err);
}

/* size 0 asks how long it is. */
static void fs_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size)
{
	struct xattr *x = NULL;

	pthread_mutex_lock(&fs_lock);
	if (ino != CONTROL_INO)
		x = *xattr_find(node_get(ino), name);
	if (!set.xattr)
		fuse_reply_err(req, EOPNOTSUPP);
	else if (!x)
		fuse_reply_err(req, ENODATA);
	else if (!size)
		fuse_reply_xattr(req, x->bytes);
	else if (size < x->bytes)
		fuse_reply_err(req, ERANGE);
	else
		fuse_reply_buf(req, x->value, x->bytes);
	pthread_mutex_unlock(&fs_lock);
}

static void fs_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size)
{
	char *buf = self->data;
	struct xattr *x = NULL;
	size_t used = 0;

	pthread_mutex_lock(&fs_lock);
	if (ino != CONTROL_INO)
		x = node_get(ino)->xattrs;
	for (; x && used + sizeof(x->name) <= MAX_WRITE; x = x->next)
		used += (size_t)sprintf(buf + used, "%s", x->name) + 1;
	pthread_mutex_unlock(&fs_lock);
	if (!size)
		fuse_reply_xattr(req, used);
	else if (size < used)
		fuse_reply_err(req, ERANGE);
	else
		fuse_reply_buf(req, buf, used);
}

static void fs_removexattr(fuse_req_t req, fuse_ino_t ino, const char *name)
{
	struct xattr *x = NULL, **at;

	pthread_mutex_lock(&fs_lock);
	if (ino != CONTROL_INO) {
		at = xattr_find(node_get(ino), name);
		x = *at;
		if (x)
			*at = x->next;
	}
	pthread_mutex_unlock(&fs_lock);
	fuse_reply_err(req, x ? 0 : ENODATA);
	free(x);
}

const struct fuse_lowlevel_ops names_ops = {
	.forget = fs_forget,
	.forget_multi = fs_forget_multi,
	.getattr = fs_getattr,
	.getxattr = fs_getxattr,
	.listxattr = fs_listxattr,
	.lookup = fs_lookup,
	.mkdir = fs_mkdir,
	.mknod = fs_mknod,
	.readdir = fs_readdir,
	.removexattr = fs_removexattr,
	.rename = fs_rename,
	.rmdir = fs_rmdir,
	.setattr = fs_setattr,
	.setxattr = fs_setxattr,
	.statfs = fs_statfs,
	.unlink = fs_unlink,
};
