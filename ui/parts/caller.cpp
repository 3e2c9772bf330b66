#include "ui/parts/caller.h"

#include <pwd.h>

#include <QCoreApplication>
#include <QRegularExpression>
#include <cstdio>
#include <memory>

#include "ui/parts/words.h"

namespace ui::parts {
namespace {

struct Say {
    Q_DECLARE_TR_FUNCTIONS(caller)
};

/// From the file alone: getpwuid may ask a directory over the network, and the window would wait for it.
QString name_of(uid_t uid) {
    const auto close = [](std::FILE* f) { std::fclose(f); };
    const std::unique_ptr<std::FILE, decltype(close)> users(std::fopen("/etc/passwd", "re"), close);
    while (users) {
        const passwd* user = fgetpwent(users.get());
        if (user == nullptr) break;
        if (user->pw_uid == uid) return text(user->pw_name);
    }
    return {};
}

}  // namespace

QString caller_word(std::string_view caller) {
    static const QRegularExpression kLocal(QStringLiteral("^uid ([0-9]+) \\(pid [0-9]+\\)$"));
    const QString said = text(caller);
    const auto local = kLocal.match(said);
    bool fits = false;
    const uid_t uid = local.captured(1).toUInt(&fits);
    if (!fits) return said;
    if (uid == 0) return Say::tr("root on this computer");
    const QString name = name_of(uid);
    return name.isEmpty() ? Say::tr("user %1 of this computer").arg(uid) : Say::tr("%1 on this computer").arg(name);
}

}  // namespace ui::parts
