// kmp-console: the officer's and the auditor's window. Reads its arguments, connects to admin.sock, shows the window.
#include <google/protobuf/stubs/logging.h>

#include <CLI/CLI.hpp>
#include <QApplication>
#include <QSettings>
#include <csignal>

#include "base/home.h"
#include "base/secret.h"
#include "cli/command_line.h"
#include "ui/link/link.h"
#include "ui/parts/pin_field.h"
#include "ui/parts/style.h"
#include "ui/parts/theme.h"
#include "ui/window/end_signals.h"
#include "ui/window/grabber.h"
#include "ui/window/language.h"
#include "ui/window/main_window.h"
#include "wire/known_log.h"

namespace {

struct Arguments {
    std::string home;
    std::string log_key;
    std::string language;
    std::string theme = "platform";
    std::string page;
    std::string grab;
    std::vector<std::string> scenes;
};

base::Result<ui::link::Address> address_of(const Arguments& a) {
    KMP_TRY(const base::Home home, base::find_home(a.home));
    KMP_TRY(const std::string state, base::state_folder());
    ui::link::Address out{home.state, home.admin_socket(), {state + "/kmp-console/" + wire::KnownLog::name_for(home.state), {}}};
    if (!a.log_key.empty()) {
        KMP_TRY(out.known.key, wire::KnownLog::key_of(a.log_key));
    }
    return out;
}

int start(int argc, char** argv) {
    Arguments a;
    CLI::App app("The officer's and the auditor's window of the key management platform", "kmp-console");
    app.add_option("--home", a.home, "The platform's home folder [$KMP_HOME; for root /var/lib/kmp with its sockets in /run/kmp; for others $XDG_STATE_HOME/kmp or ~/.local/state/kmp]");
    app.add_option("--log-key", a.log_key, "The key of the log's checkpoints, or a file with it, as the auditor gave it [the one of the first contact]");
    app.add_option("--language", a.language, "en or zh_CN [the one chosen last, or the platform's]")->check(CLI::IsMember({"en", "zh_CN"}));
    app.add_option("--theme", a.theme, "platform, light or dark")->check(CLI::IsMember({"platform", "light", "dark"}))->capture_default_str();
    app.add_option("--page", a.page, "The page to begin with, as ukeys");
    app.add_option("--grab", a.grab, "For pictures: save every page into this folder as PNG, and end");
    app.add_option("--scene", a.scenes, "With --grab: only these, as home or ukeys/issue");
    if (const auto ended = cli::parse(app, argc, argv)) return *ended;
    auto address = address_of(a);
    if (!address) return cli::complain("kmp-console", address.error(), cli::kWrongUsage);

    QApplication::setOrganizationName(QStringLiteral("kmp"));
    QApplication::setApplicationName(QStringLiteral("kmp-console"));
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QApplication qt(argc, argv);
    ui::parts::make_pin_fields_accessible();
    QApplication::setStyle(a.theme == "platform" ? new ui::parts::Style : new ui::parts::Style(QStringLiteral("Fusion")));
    if (a.theme != "platform") {
        QApplication::setPalette(a.theme == "dark" ? ui::parts::dark_palette() : ui::parts::light_palette());
    }
    ui::window::Language language(&qt);
    language.set(a.language.empty() ? QSettings().value(QStringLiteral("language"), ui::window::Language::of_platform()).toString() : QString::fromStdString(a.language));
    ui::link::Link link(std::move(*address));
    ui::window::MainWindow window(link, language);
    if (!a.page.empty()) window.go_to(QString::fromStdString(a.page));
    ui::window::EndSignals ended(&qt);
    QObject::connect(&ended, &ui::window::EndSignals::came, &window, [&window] {
        window.end();
        QApplication::quit();
    });
    link.start();
    window.show();
    std::unique_ptr<ui::window::Grabber> grabber;
    if (!a.grab.empty()) {
        grabber = std::make_unique<ui::window::Grabber>(window, link, QString::fromStdString(a.grab), a.scenes);
        grabber->start();
    }
    return QApplication::exec();
}

}  // namespace

int main(int argc, char** argv) {
    base::forbid_dumps();
    std::signal(SIGPIPE, SIG_IGN);
    google::protobuf::SetLogHandler(nullptr);
    return cli::run("kmp-console", [&] { return start(argc, argv); });
}
