#pragma once
#include <QWidget>
#include <string>

class QCheckBox;

namespace ui::link {
class Link;
}

namespace ui::review {

class NoteField;

/// A checkpoint of one's own that a log is held against, in place of the one that this computer keeps. Optional; the same on every page that takes one.
class OwnNote : public QWidget {
    Q_OBJECT
public:
    OwnNote(link::Link& link, QWidget* parent);
    /// What was given; empty: none is wanted.
    static std::string given(link::Link& link);
    /// Why nothing can be held against what was given; empty: it can, or none is wanted.
    static QString why_not(link::Link& link);

signals:
    /// Another was given; here or on another page.
    void changed();

protected:
    void showEvent(QShowEvent* event) override;

private:
    void take();
    void look();
    link::Link& link_;
    QCheckBox* wanted_;
    NoteField* note_;
};

}  // namespace ui::review
