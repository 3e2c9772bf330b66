#pragma once
#include <QObject>

namespace ui::window {

/// SIGTERM, SIGINT and SIGHUP close the program as its user would: what was typed is wiped, what is remembered is written. One a program.
class EndSignals : public QObject {
    Q_OBJECT
public:
    explicit EndSignals(QObject* parent);

signals:
    void came();
};

}  // namespace ui::window
