/*
 * signing_file.c - reading files of secrets, and the lines of the one that binds signing keys to stores.
 */
#include "signing_file.h"

#include <ctype.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/fd.h"

#define MAX_FILE 65536
#define MAX_FIELDS 6
#define MAX_KID 128

static const char *const state_names[] = {
	[CS_KEY_ANNOUNCED] = "announced", [CS_KEY_SIGNING] = "signing", [CS_KEY_WITHDRAWN] = "withdrawn"
};

static void
take_state(const struct stat *st, cs_file_state *state)
{
	state->device = (uint64) st->st_dev;
	state->inode = (uint64) st->st_ino;
	state->size = (int64) st->st_size;
	state->modified = (int64) st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
	state->changed = (int64) st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec;
}

bool
cs_file_state_now(const char *path, cs_file_state *state)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return false;
	take_state(&st, state);
	return true;
}

bool
cs_file_state_same(const cs_file_state *a, const cs_file_state *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size && a->modified == b->modified && a->changed == b->changed;
}

/* As libpq and the server ask of keys for TLS. */
static const char *
unfit(const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return "is no regular file";
	if (st->st_uid != geteuid() && st->st_uid != 0)
		return "belongs neither to the server's account nor to root";
	if (st->st_uid == geteuid() ? (st->st_mode & (S_IRWXG | S_IRWXO)) != 0 : (st->st_mode & (S_IWGRP | S_IXGRP | S_IRWXO)) != 0)
		return "can be read by others than the server's account";
	if (st->st_size <= 0)
		return "is empty";
	if (st->st_size > MAX_FILE)
		return "is longer than 64 kB";
	return NULL;
}

cs_span
cs_read_secret_file(const char *path, cs_file_state *state, const char **why)
{
	cs_span content = { NULL, 0 };
	struct stat st;
	uint8_t *data;
	int fd;

	*why = "is not there, or cannot be read by the server's account";
	fd = OpenTransientFile(path, O_RDONLY | O_NONBLOCK | PG_BINARY); /* a pipe must not hold the session up */
	if (fd < 0)
		return content;
	if (fstat(fd, &st) == 0 && (*why = unfit(&st)) == NULL)
	{
		data = palloc((Size) st.st_size);
		take_state(&st, state);
		if (read(fd, data, (size_t) st.st_size) == (ssize_t) st.st_size)
			content = (cs_span) { data, (size_t) st.st_size };
		else
			*why = "changed while it was read";
	}
	CloseTransientFile(fd);
	return content;
}

const char *
cs_key_state_name(cs_key_state state)
{
	return state_names[state];
}

bool
cs_key_is_uri(const char *key)
{
	size_t len = strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789+.-");

	return len > 1 && key[len] == ':';
}

/* The next field of a line, palloc'd; NULL at its end, or with *why set. *at is moved behind it. */
static char *
next_field(const char **at, const char *end, const char **why)
{
	const char *p = *at;
	char *field, *out;
	bool quoted = false;

	while (p < end && isspace((unsigned char) *p))
		p++;
	if (p == end || *p == '#')
		return NULL;
	field = out = palloc(end - p + 1);
	for (; p < end && (quoted || !isspace((unsigned char) *p)); p++)
	{
		if (*p == '\0')
			*why = "holds a NUL byte";
		if (*p != '"')
			*out++ = *p;
		else if (quoted && p + 1 < end && p[1] == '"')
			*out++ = *p++;
		else
			quoted = !quoted;
	}
	*out = '\0';
	*at = p;
	if (quoted)
		*why = "has a quote that does not end";
	return *why ? NULL : field;
}

static bool
is_kid(const char *text)
{
	size_t len = strlen(text);

	for (const char *p = text; *p; p++)
		if (*p < 0x21 || *p > 0x7e || *p == '"' || *p == '\\')
			return false;
	return len > 0 && len <= MAX_KID;
}

static const char *
read_state(const char *name, cs_key_state *state)
{
	for (int i = 0; i < (int) lengthof(state_names); i++)
		if (strcmp(name, state_names[i]) == 0)
		{
			*state = (cs_key_state) i;
			return NULL;
		}
	return "has another state than announced, signing and withdrawn";
}

/* Against the lines before it. */
static const char *
contradicts(const cs_key_line *line, const cs_key_line *lines, int count)
{
	for (int i = 0; i < count; i++)
	{
		const cs_key_line *other = &lines[i];

		if (strcmp(line->database, other->database) != 0 || strcmp(line->store, other->store) != 0 ||
			strcmp(line->owner, other->owner) != 0)
			continue;
		if (line->state == CS_KEY_SIGNING && other->state == CS_KEY_SIGNING)
			return "makes a second key sign for one store";
		if (strcmp(line->key, other->key) == 0)
			return "names a key that another line has for this store";
		if (line->kid && other->kid && strcmp(line->kid, other->kid) == 0)
			return "names a kid that another line has for this store";
	}
	return NULL;
}

static const char *
take_fields(char **fields, int count, cs_key_line *line)
{
	if (count < 5)
		return "has less than database, store, owner, state and key";
	line->database = fields[0];
	line->store = fields[1];
	line->owner = fields[2];
	line->key = fields[4];
	line->kid = count > 5 ? fields[5] : NULL;
	if (strncmp(line->key, "file:", 5) == 0)
		return "has a key of the scheme \"file\", where its path belongs";
	if (line->kid && !is_kid(line->kid))
		return "has a kid that is not 1 to 128 printable characters of ASCII without quotes and backslashes";
	return read_state(fields[3], &line->state);
}

/* NULL when done; line->database stays NULL for a line that holds nothing. */
static const char *
read_line(const char *at, const char *end, cs_key_line *line)
{
	char *fields[MAX_FIELDS];
	const char *why = NULL;
	char *field;
	int count = 0;

	while ((field = next_field(&at, end, &why)) != NULL)
	{
		if (count == MAX_FIELDS)
			return "has more than six fields";
		fields[count++] = field;
	}
	return why || count == 0 ? why : take_fields(fields, count, line);
}

bool
cs_read_key_lines(cs_span text, cs_key_line **lines, int *count, const char **why)
{
	const char *at = (const char *) text.data;
	const char *end = at + text.len;
	int room = 0;

	*lines = NULL;
	*count = 0;
	*why = NULL;
	for (int number = 1; at < end && !*why; number++)
	{
		const char *stop = memchr(at, '\n', (size_t) (end - at));
		cs_key_line line = { .number = number };

		*why = read_line(at, stop ? stop : end, &line);
		at = stop ? stop + 1 : end;
		if (!*why && line.database)
			*why = contradicts(&line, *lines, *count);
		if (*why)
			*why = psprintf("cannot be used: its line %d %s", number, *why);
		else if (line.database)
		{
			if (*count == room)
			{
				room = room ? room * 2 : 8;
				*lines = *lines ? repalloc(*lines, room * sizeof(cs_key_line)) : palloc(room * sizeof(cs_key_line));
			}
			(*lines)[(*count)++] = line;
		}
	}
	return *why == NULL;
}
