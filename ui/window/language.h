#pragma once
#include <QObject>
#include <QString>
#include <QTranslator>
#include <vector>

namespace ui::window {

/// The language of the window, changed while it runs.
class Language : public QObject {
    Q_OBJECT
public:
    struct Choice {
        QString code;  ///< "en", "zh_CN"
        QString name;  ///< as its speakers call it
    };
    static const std::vector<Choice>& choices();
    /// The one of the platform, or English where this window does not speak it.
    static QString of_platform();

    explicit Language(QObject* parent) : QObject(parent) {}
    /// Another one; an unknown code is English.
    void set(const QString& code);
    const QString& code() const noexcept { return code_; }

signals:
    void changed();

private:
    QString code_ = QStringLiteral("en");
    QTranslator ours_;
    QTranslator qts_;
};

}  // namespace ui::window
