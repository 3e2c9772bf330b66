#pragma once
#include <QWidget>
#include <string>

class QCheckBox;

namespace ui::link {
class Link;
}

namespace ui::review {

class NoteField;

/// A checkpoint of one's own that a log is held against, in place of the one that this computer keeps. Optional, and remembered for each place apart: what was meant for one file says nothing of another log.
class OwnNote : public QWidget {
    Q_OBJECT
public:
    enum class Place { report, file };
    OwnNote(link::Link& link, Place place, QWidget* parent);
    /// What was given; empty: none is wanted.
    static std::string given(link::Link& link, Place place);
    /// Why nothing can be held against what was given; empty: it can, or none is wanted.
    static QString why_not(link::Link& link, Place place);

signals:
    /// Another was given.
    void changed();

private:
    void take();
    void look();
    link::Link& link_;
    Place place_;
    QCheckBox* wanted_;
    NoteField* note_;
};

}  // namespace ui::review
