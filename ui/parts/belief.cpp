#include "ui/parts/belief.h"

#include <QCoreApplication>

#include "ui/link/link.h"

namespace ui::parts {
namespace {

struct Say {
    Q_DECLARE_TR_FUNCTIONS(belief)
};

}  // namespace

QString why_unbelieved(const link::Link& link) { return link.is_believed() ? QString() : Say::tr("the log is not the one that is known here"); }

QString what_works_unbelieved() { return Say::tr("Until it is explained, UKEYs can be suspended, reported lost and revoked from here, accounts disabled, requests rejected, and the platform sealed and unsealed; nothing else."); }

}  // namespace ui::parts
