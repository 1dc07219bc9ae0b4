/*
 * url.c - asking a gateway, by libcurl.
 */
#include "cli.h"

#include <curl/curl.h>

static size_t
receive(char *data, size_t size, size_t count, void *to)
{
	cs_put_raw(to, data, size * count);
	return cs_buf_ok(to) ? size * count : 0;
}

long
cli_get(cs_cli *cli, const char *url, const char *accept, cs_buf *body)
{
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = curl_slist_append(NULL, accept);
	char reason[CURL_ERROR_SIZE] = "";
	CURLcode code = CURLE_FAILED_INIT;
	long status = 0;

	if (curl != NULL && headers != NULL)
	{
		curl_easy_setopt(curl, CURLOPT_URL, url);
		curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
		curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
		curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
		curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
		curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 30L);
		curl_easy_setopt(curl, CURLOPT_USERAGENT, "coserv/" COSERV_VERSION);
		code = curl_easy_perform(curl);
		if (code == CURLE_OK)
			curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	}
	if (code != CURLE_OK)
		cli_trouble("cannot ask %s: %s", url, reason[0] != '\0' ? reason : curl_easy_strerror(code));
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	(void) cli;
	return status;
}
