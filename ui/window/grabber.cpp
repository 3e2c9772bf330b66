#include "ui/window/grabber.h"

#include <QApplication>
#include <QDialog>
#include <QDir>
#include <QPainter>
#include <QPixmap>

#include "ui/link/link.h"
#include "ui/window/main_window.h"
#include "ui/window/pages.h"

namespace ui::window {
namespace {

constexpr int kSettle = 900;     // ms: what was asked is answered, and what moves has moved
constexpr int kConnect = 15000;  // ms

}  // namespace

Grabber::Grabber(MainWindow& window, link::Link& link, QString folder, const std::vector<std::string>& wanted) : window_(window), link_(link), folder_(std::move(folder)), all_(wanted.empty()) {
    for (const std::string& name : wanted) left_ << QString::fromStdString(name);
}

void Grabber::start() {
    QDir().mkpath(folder_);
    waiting_.start();
    auto* wait = new QTimer(this);
    connect(wait, &QTimer::timeout, this, [this, wait] {
        if (link_.state() == link::Link::State::connecting && !waiting_.hasExpired(kConnect)) return;
        wait->deleteLater();
        if (all_)
            for (const PageEntry& entry : pages()) {
                const QString name = QString::fromLatin1(entry.name);
                left_ << name;
                for (const QString& scene : window_.page(name)->scenes()) left_ << name + QLatin1Char('/') + scene;
            }
        QTimer::singleShot(kSettle, this, &Grabber::next);
    });
    wait->start(100);
}

void Grabber::next() {
    const auto dialogs = window_.findChildren<QDialog*>();
    for (QDialog* dialog : dialogs) dialog->close();
    if (left_.isEmpty()) return QApplication::exit(failed_ ? 1 : 0);
    now_ = left_.takeFirst();
    const QString name = now_.section(QLatin1Char('/'), 0, 0);
    const QString scene = now_.section(QLatin1Char('/'), 1);
    Page* page = window_.page(name);
    if (page == nullptr) {
        failed_ = true;
        return next();
    }
    window_.go_to(name);
    QTimer::singleShot(kSettle, this, [this, page, scene] {
        if (!scene.isEmpty()) page->show_scene(scene);
        QTimer::singleShot(kSettle, this, &Grabber::save);
    });
}

void Grabber::save() {
    // A dialog is shown in front of its window, as people see it.
    QPixmap picture = window_.grab();
    const auto dialogs = window_.findChildren<QDialog*>();
    for (QDialog* dialog : dialogs) {
        if (!dialog->isVisible()) continue;
        const QPixmap over = dialog->grab();
        QPainter painter(&picture);
        painter.fillRect(QRect(QPoint(0, 0), window_.size()), QColor(0, 0, 0, 90));
        const QPoint at((window_.width() - dialog->width()) / 2, (window_.height() - dialog->height()) / 2);
        painter.drawPixmap(at, over);
    }
    if (!picture.save(folder_ + QLatin1Char('/') + QString(now_).replace(QLatin1Char('/'), QLatin1Char('-')) + QStringLiteral(".png"))) failed_ = true;
    next();
}

}  // namespace ui::window
