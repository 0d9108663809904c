/* testimony_id.h - the rows of testimony.def as numbers
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_ENGINE_TESTIMONY_ID_H
#define TCPFSM_ENGINE_TESTIMONY_ID_H

enum testimony_id {
    TESTIMONY_NONE,
#define TESTIMONY(name, of, by, predicate, shows, section) TESTIMONY_##name,
#include "witness/testimony.def"
#undef TESTIMONY
    TESTIMONY_COUNT
};

/* "challenges"; NULL for no row. */
const char *testimony_name(enum testimony_id row);

#endif
