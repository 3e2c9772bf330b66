#include "ui/window/pages.h"

#include <QCoreApplication>

#include "ui/home/home_page.h"
#include "ui/ukeys/ukeys_page.h"
#include "ui/log/log_page.h"

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
        {"log", QT_TRANSLATE_NOOP("pages", "Log"), parts::Picture::log, true, make<log::LogPage>()},
    };
    return all;
}

QString title_of(const PageEntry& entry) { return QCoreApplication::translate("pages", entry.title); }

}  // namespace ui::window
