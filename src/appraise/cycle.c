/*
 * cycle.c - relations between environments must form no cycle (draft-ietf-rats-corim, "Trust Dependencies", "Processing dm
 * Relations"). A relation of which a subject and a member lie in one strongly connected component is part of a cycle: those
 * relations are dropped, and no others (doc/conformance.md, decision 25).
 */
#include "acs.h"

/* Tarjan's algorithm without recursion: a frame is an environment and how many of its successors were looked at. */
typedef struct vertex
{
	index_list successors;
	size_t index; /* 0: not visited */
	size_t low;
	size_t component; /* 0: none yet */
} vertex;

typedef struct walk
{
	cs_acs *acs;
	vertex *vertices;
	index_list stack;	 /* not yet in a component */
	index_list path;	 /* frames: vertex ... */
	index_list position; /* ... and next successor */
	size_t visited;
	size_t components;
} walk;

static bool
enter(walk *w, size_t number)
{
	w->vertices[number].index = w->vertices[number].low = ++w->visited;
	return cs_acs_push(w->acs->ctx, &w->stack, number) && cs_acs_push(w->acs->ctx, &w->path, number) &&
		cs_acs_push(w->acs->ctx, &w->position, 0);
}

/* The vertex on top is finished: close its component when it is the root of one. */
static void
leave(walk *w)
{
	size_t number = w->path.at[--w->path.count];
	vertex *v = &w->vertices[number];

	w->position.count--;
	if (v->low == v->index)
	{
		size_t member;

		w->components++;
		do
		{
			member = w->stack.at[--w->stack.count];
			w->vertices[member].component = w->components;
		} while (member != number);
	}
	if (w->path.count > 0)
	{
		vertex *parent = &w->vertices[w->path.at[w->path.count - 1]];

		if (v->low < parent->low)
			parent->low = v->low;
	}
}

static bool
visit(walk *w, size_t start)
{
	if (w->vertices[start].index != 0)
		return true;
	if (!enter(w, start))
		return false;
	while (w->path.count > 0)
	{
		vertex *v = &w->vertices[w->path.at[w->path.count - 1]];
		size_t *at = &w->position.at[w->position.count - 1];
		vertex *next;

		cs_acs_tick(w->acs);
		if (*at == v->successors.count)
		{
			leave(w);
			continue;
		}
		next = &w->vertices[v->successors.at[(*at)++]];
		if (next->index == 0)
		{
			if (!enter(w, (size_t) (next - w->vertices)))
				return false;
		}
		else if (next->component == 0 && next->index < v->low)
			v->low = next->index;
	}
	return true;
}

static bool
find_components(cs_acs *acs, int64_t kind, walk *w)
{
	size_t count = acs->environment_set.count;

	*w = (walk) { .acs = acs };
	if ((w->vertices = cs_alloc(acs->ctx, count, sizeof *w->vertices)) == NULL)
		return false;
	for (size_t i = 0; i < count; i++)
		w->vertices[i] = (vertex) { .index = 0 };
	for (size_t i = 0; i < acs->relation_count; i++)
	{
		const relation *rel = acs->relations[i];

		for (size_t j = 0; rel->given.kind == kind && rel->matched && j < rel->members.count; j++)
		{
			if (!cs_acs_push(acs->ctx, &w->vertices[rel->subject].successors, rel->members.at[j]))
				return false;
		}
	}
	for (size_t i = 0; i < count; i++)
	{
		if (!visit(w, i))
			return false;
	}
	return true;
}

bool
cs_acs_drop_cycles(cs_acs *acs, int64_t kind, const char *reason)
{
	walk w;

	if (acs->environment_set.count == 0)
		return true;
	if (!find_components(acs, kind, &w))
		return false;
	for (size_t i = 0; i < acs->relation_count; i++)
	{
		relation *rel = acs->relations[i];

		for (size_t j = 0; rel->given.kind == kind && rel->matched && j < rel->members.count; j++)
		{
			if (w.vertices[rel->members.at[j]].component != w.vertices[rel->subject].component)
				continue;
			rel->matched = false;
			rel->done = true;
			if (!cs_acs_add_note(acs, rel, reason))
				return false;
		}
	}
	return true;
}
