/*
 * pool.c - a bounded queue of requests, and threads that take from it, each with a database connection of its own.
 */
#include "gateway.h"

#include <pthread.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER;
static gw_request *first;
static gw_request **last = &first;
static unsigned in_flight; /* waiting or running */
static unsigned max_in_flight;
static bool stopping;
static pthread_t *threads;
static unsigned thread_count;

/* The next request, or NULL when there will be no more. */
static gw_request *
take(void)
{
	gw_request *request;

	pthread_mutex_lock(&lock);
	while (first == NULL && !stopping)
		pthread_cond_wait(&not_empty, &lock);
	request = first;
	if (request != NULL)
	{
		first = request->next;
		if (first == NULL)
			last = &first;
	}
	pthread_mutex_unlock(&lock);
	return request;
}

static void *
work(void *arg)
{
	gw_database *database = arg;
	gw_request *request;

	while ((request = take()) != NULL)
	{
		gw_database_answer(database, request);
		pthread_mutex_lock(&lock);
		in_flight--;
		pthread_mutex_unlock(&lock);
		MHD_resume_connection(request->connection);
	}
	gw_database_free(database);
	return NULL;
}

bool
gw_pool_put(gw_request *request)
{
	bool taken;

	pthread_mutex_lock(&lock);
	taken = in_flight < max_in_flight && !stopping;
	if (taken)
	{
		in_flight++;
		request->next = NULL;
		*last = request;
		last = &request->next;
		pthread_cond_signal(&not_empty);
	}
	pthread_mutex_unlock(&lock);
	return taken;
}

bool
gw_pool_start(const gw_options *options)
{
	max_in_flight = options->max_requests;
	threads = calloc(options->pool, sizeof(pthread_t));
	if (threads == NULL)
		return false;
	for (unsigned i = 0; i < options->pool; i++)
	{
		gw_database *database = gw_database_new(options);

		if (database == NULL || pthread_create(&threads[i], NULL, work, database) != 0)
		{
			if (database != NULL)
				gw_database_free(database);
			gw_log("could not start thread %u of %u", i + 1, options->pool);
			gw_pool_stop();
			return false;
		}
		thread_count++;
	}
	return true;
}

void
gw_pool_stop(void)
{
	pthread_mutex_lock(&lock);
	stopping = true;
	pthread_cond_broadcast(&not_empty);
	pthread_mutex_unlock(&lock);
	for (unsigned i = 0; i < thread_count; i++)
		pthread_join(threads[i], NULL);
	thread_count = 0;
	free(threads);
	threads = NULL;
}
