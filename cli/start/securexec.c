#include "cli/start/securexec.h"

#include <linux/capability.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

void securexec_read_user(struct securexec_user *user)
{
	user->ruid = getuid();
	user->euid = geteuid();
	user->rgid = getgid();
	user->egid = getegid();
	user->no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

int securexec_read_file(int fd, struct securexec_file *file)
{
	struct statvfs fs;
	struct stat st;
	ssize_t n;

	memset(file, 0, sizeof(*file));
	if (fstat(fd, &st))
		return -1;
	file->mode = st.st_mode;
	file->uid = st.st_uid;
	file->gid = st.st_gid;
	file->nosuid = !fstatvfs(fd, &fs) && fs.f_flag & ST_NOSUID;
	n = fgetxattr(fd, "security.capability", file->capability, sizeof(file->capability));
	file->capability_bytes = n > 0 ? (size_t)n : 0;
	return 0;
}

/* Does the attribute give anything? Layout: struct vfs_cap_data, little-endian; each revision begins alike. */
static bool gives_capabilities(const struct securexec_file *file)
{
	uint32_t magic, permitted[2] = {0, 0};

	if (file->capability_bytes < XATTR_CAPS_SZ_1)
		return false;
	memcpy(&magic, file->capability, sizeof(magic));
	memcpy(&permitted[0], file->capability + 4, sizeof(permitted[0]));
	if (file->capability_bytes >= XATTR_CAPS_SZ_2)
		memcpy(&permitted[1], file->capability + 12, sizeof(permitted[1]));
	return magic & VFS_CAP_FLAGS_EFFECTIVE || permitted[0] || permitted[1];
}

enum securexec securexec_decide(const struct securexec_user *user, const struct securexec_file *file)
{
	/* set-group-id without group execution means mandatory locking, not another group */
	const mode_t setgid = S_ISGID | S_IXGRP;
	const bool ignored = user->no_new_privs || file->nosuid;

	if (!ignored && file->mode & S_ISUID) {
		if (file->uid != user->ruid)
			return SECUREXEC_SETUID;
	} else if (user->euid != user->ruid) {
		return SECUREXEC_CALLER;
	}
	if (!ignored && (file->mode & setgid) == setgid) {
		if (file->gid != user->rgid)
			return SECUREXEC_SETGID;
	} else if (user->egid != user->rgid) {
		return SECUREXEC_CALLER;
	}
	if (!ignored && user->ruid != 0 && gives_capabilities(file))
		return SECUREXEC_CAPABILITIES;
	return SECUREXEC_NO;
}
