#include "ui/window/language.h"

#include <QCoreApplication>
#include <QLibraryInfo>
#include <QLocale>
#include <algorithm>

namespace ui::window {

const std::vector<Language::Choice>& Language::choices() {
    static const std::vector<Choice> all{{QStringLiteral("en"), QStringLiteral("English")}, {QStringLiteral("zh_CN"), QStringLiteral("简体中文")}};
    return all;
}

QString Language::of_platform() { return QLocale::system().language() == QLocale::Chinese ? QStringLiteral("zh_CN") : QStringLiteral("en"); }

void Language::set(const QString& code) {
    const bool known = std::ranges::any_of(choices(), [&](const Choice& c) { return c.code == code; });
    code_ = known ? code : QStringLiteral("en");
    QCoreApplication::removeTranslator(&ours_);
    QCoreApplication::removeTranslator(&qts_);
    QLocale::setDefault(QLocale(code_ == QStringLiteral("en") ? QStringLiteral("en_GB") : code_));
    // English too: its plurals.
    if (ours_.load(QStringLiteral(":/translations/kmp-console_") + code_)) QCoreApplication::installTranslator(&ours_);
    if (code_ != QStringLiteral("en")) {
        if (qts_.load(QStringLiteral("qtbase_") + code_, QLibraryInfo::path(QLibraryInfo::TranslationsPath))) QCoreApplication::installTranslator(&qts_);
    }
    emit changed();
}

}  // namespace ui::window
