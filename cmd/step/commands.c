/* commands.c — resolve, fetch and import. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/beneath.h"
#include "base/log.h"
#include "base/span.h"
#include "cmd/step/step.h"
#include "json/jsonw.h"

static int needs(const char *what, struct err *e)
{
    return err_set(e, ERR_INVALID, "InvalidConfig", "%s is missing, see --help", what);
}

static struct store_client *client(const struct step *s, struct progress *p)
{
    struct store_client_conf conf = {.url = s->store,
                                     .ns = s->ns,
                                     .token_file = s->token_file,
                                     .patience_ms = s->patience_s * 1000,
                                     .progress = {progress_tree, p}};
    return store_client_new(&conf);
}

/* --- resolve -------------------------------------------------------------------------------------
 */

int step_resolve(struct step *s, const char **ret, struct err *e)
{
    bool given = !str_empty(s->commit);
    struct repo_access r = {.url_field = "spec.url of the CodeRepo",
                            .ref_field =
                                given ? "spec.code.commit" : "spec.branch of the CodeRepo"};
    const char *ref = given ? s->commit : s->ref != NULL ? s->ref : "HEAD";
    char commit[REPO_COMMIT];
    struct jsonw w;
    if (str_empty(s->url)) {
        return needs("--url", e);
    }
    if (source_resolve(s, &r, ref, commit, e) < 0) {
        return -1;
    }
    jsonw_init(&w, &s->a);
    jsonw_obj(&w, NULL);
    jsonw_str(&w, "commit", commit);
    jsonw_end(&w);
    *ret = jsonw_text(&w);
    return 0;
}

/* --- fetch ---------------------------------------------------------------------------------------
 */

static int fetch_inputs(struct step *s, struct err *e)
{
    struct progress p = {0};
    struct store_client *c = client(s, &p);
    int r = 0;
    for (size_t i = 0; i < s->input_count && r == 0; i++) {
        struct store_tree t;
        p = (struct progress){.what = s->inputs[i].dir};
        r = store_get(c, s->inputs[i].digest, s->inputs[i].dir, &t, e);
        if (r < 0) {
            err_in(e, "the input at '%.200s'", s->inputs[i].dir);
        } else {
            LOG_I("fetched", "input", s->inputs[i].dir, "digest", t.digest, NULL);
        }
    }
    store_client_free(c);
    return r;
}

int step_fetch(struct step *s, const char **ret, struct err *e)
{
    struct repo_access r = {.url_field = "spec.url of the CodeRepo",
                            .ref_field = "spec.code.commit"};
    struct jsonw w;
    if (s->code_dir != NULL && (str_empty(s->url) || str_empty(s->commit))) {
        return needs("code.url or code.commit", e);
    }
    if (s->input_count > 0 && (str_empty(s->store) || str_empty(s->ns))) {
        return needs("store or namespace", e);
    }
    if (s->code_dir != NULL && source_export(s, &r, s->commit, s->code_dir, e) < 0) {
        return -1;
    }
    if (s->input_count > 0 && fetch_inputs(s, e) < 0) {
        return -1;
    }
    jsonw_init(&w, &s->a);
    jsonw_obj(&w, NULL);
    jsonw_opt(&w, "commit", s->code_dir != NULL ? s->commit : NULL);
    jsonw_int(&w, "inputs", (int64_t)s->input_count);
    jsonw_end(&w);
    *ret = jsonw_text(&w);
    return 0;
}

/* --- import --------------------------------------------------------------------------------------
 */

static int send_folder(struct step *s, const char *dir, struct store_tree *t, struct err *e)
{
    struct progress p = {.what = "dataset"};
    struct store_client *c = client(s, &p);
    int r = store_put(c, dir, t, e);
    store_client_free(c);
    if (r < 0 && str_eq(e->reason, "EmptyFolder")) {
        err_set(e, ERR_INVALID, "UnknownPath", "spec.source.git.path '%.200s' holds no file",
                s->path != NULL ? s->path : ".");
    }
    return r;
}

static int import_to(struct step *s, const char *dir, char commit[REPO_COMMIT],
                     struct store_tree *t, struct err *e)
{
    struct repo_access r = {.url_field = "spec.source.git.url",
                            .ref_field = "spec.source.git.ref",
                            .path_field = "spec.source.git.path"};
    const char *ref = !str_empty(s->commit) ? s->commit : s->ref != NULL ? s->ref : "HEAD";
    if (source_resolve(s, &r, ref, commit, e) < 0 || source_export(s, &r, commit, dir, e) < 0) {
        return -1;
    }
    return send_folder(s, dir, t, e);
}

static void remove_folder(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)!beneath_clear(fd);
        close(fd);
    }
    rmdir(dir);
}

int step_import(struct step *s, const char **ret, struct err *e)
{
    const char *tmp = getenv("TMPDIR");
    char *dir = arena_printf(&s->a, "%s/dkube-import-XXXXXX", str_empty(tmp) ? "/tmp" : tmp);
    char commit[REPO_COMMIT];
    struct store_tree t;
    struct jsonw w;
    if (str_empty(s->url) || str_empty(s->store) || str_empty(s->ns)) {
        return needs("--url, store or namespace", e);
    }
    if (mkdtemp(dir) == NULL) {
        return err_set(e, ERR_RETRY, "FetchFailed", "'%s' cannot be made", dir);
    }
    int r = import_to(s, dir, commit, &t, e);
    remove_folder(dir);
    if (r < 0) {
        return -1;
    }
    jsonw_init(&w, &s->a);
    jsonw_obj(&w, NULL);
    jsonw_str(&w, "digest", t.digest);
    jsonw_int(&w, "size", t.size);
    jsonw_int(&w, "files", (int64_t)t.files);
    jsonw_str(&w, "commit", commit);
    jsonw_end(&w);
    *ret = jsonw_text(&w);
    return 0;
}
