/*
 * hold.c - for tests, as a module: keeps a server from telling its sessions of changes until a file appears. On a standby, replay of a
 * commit stands still then where the commit is visible and nobody has been told of it.
 */
#include "postgres.h"

#include <fcntl.h>
#include <unistd.h>

#include "fmgr.h"
#include "storage/lwlock.h"
#include "utils/builtins.h"

PG_MODULE_MAGIC;
PG_FUNCTION_INFO_V1(hold_telling);

#define POLLS 12000
#define POLL_US 10000

/* hold_telling(path text): it makes the file "path held", and waits for "path", two minutes at the most */
Datum
hold_telling(PG_FUNCTION_ARGS)
{
	char *path = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char *held = psprintf("%s held", path);

	LWLockAcquire(SInvalWriteLock, LW_EXCLUSIVE);
	(void) close(open(held, O_CREAT | O_WRONLY, 0600));
	for (int i = 0; i < POLLS && access(path, F_OK) != 0; i++)
		pg_usleep(POLL_US);
	LWLockRelease(SInvalWriteLock);
	PG_RETURN_VOID();
}
