/* The top of the source tree, that paths in the formats of CI services are relative to. */
#ifndef CLI_OUTPUTS_SOURCE_ROOT_H
#define CLI_OUTPUTS_SOURCE_ROOT_H

#include "cli/render/render.h"

/*
 * `given` is the value of --source-root; it need not exist here, a program may have been compiled elsewhere. NULL: what
 * the CI service names (GITHUB_WORKSPACE, CI_PROJECT_DIR), else the folder above the current one that holds .git, else
 * the current one. For source_root_release().
 */
struct source_roots source_root_find(const char *given);
void source_root_release(struct source_roots *roots);

#endif
