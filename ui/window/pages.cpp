#include "ui/window/pages.h"

#include <QCoreApplication>

#include "ui/approvals/approvals_page.h"
#include "ui/home/home_page.h"
#include "ui/ukeys/ukeys_page.h"
#include "ui/log/log_page.h"
#include "ui/keys/keys_page.h"
#include "ui/stations/stations_page.h"
#include "ui/review/review_page.h"

namespace ui::window {
namespace {

template <class P>
std::function<Page*(link::Link&, QWidget*)> make() {
    return [](link::Link& link, QWidget* parent) -> Page* { return new P(link, parent); };
}

}  // namespace

const std::vector<PageEntry>& pages() {
    static const std::vector<PageEntry> all{
        {"home", QT_TRANSLATE_NOOP("pages", "Home"), parts::Picture::home, false, make<home::HomePage>()},
        {"ukeys", QT_TRANSLATE_NOOP("pages", "UKEYs"), parts::Picture::ukey, true, make<ukeys::UkeysPage>()},
        {"approvals", QT_TRANSLATE_NOOP("pages", "Approvals"), parts::Picture::approve, true, make<approvals::ApprovalsPage>()},
        {"keys", QT_TRANSLATE_NOOP("pages", "Keys"), parts::Picture::keys, true, make<keys::KeysPage>()},
        {"stations", QT_TRANSLATE_NOOP("pages", "Stations and accounts"), parts::Picture::station, true, make<stations::StationsPage>()},
        {"log", QT_TRANSLATE_NOOP("pages", "Log"), parts::Picture::log, true, make<log::LogPage>()},
        {"reports", QT_TRANSLATE_NOOP("pages", "Reports"), parts::Picture::report, true, make<review::ReviewPage>()},
    };
    return all;
}

QString title_of(const PageEntry& entry) { return QCoreApplication::translate("pages", entry.title); }

}  // namespace ui::window
