#include "ui/window/pages.h"

#include <QCoreApplication>

#include "ui/home/home_page.h"
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
        {"reports", QT_TRANSLATE_NOOP("pages", "Reports"), parts::Picture::report, true, make<review::ReviewPage>()},
    };
    return all;
}

QString title_of(const PageEntry& entry) { return QCoreApplication::translate("pages", entry.title); }

}  // namespace ui::window
