#include "ui/review/archive_view.h"

#include <QHeaderView>
#include <QLabel>
#include <QTableWidget>
#include <QVBoxLayout>

#include "ui/parts/columns.h"
#include "ui/parts/theme.h"
#include "ui/parts/words.h"

namespace ui::review {
ArchiveView::ArchiveView(link::Link& link, QWidget* parent) : QWidget(parent), link_(link), words_(new QLabel(this)), table_(new QTableWidget(0, 6, this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    words_->setWordWrap(true);
    words_->setObjectName(QStringLiteral("archived"));
    parts::set_tone(*words_, parts::Tone::muted);
    table_->setHorizontalHeaderLabels({tr("File"), tr("Events"), tr("Size"), tr("Newest event"), tr("Keep until"), tr("Opens with")});
    table_->setAccessibleName(tr("Archive segments"));
    table_->verticalHeader()->hide();
    table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table_->setSelectionBehavior(QAbstractItemView::SelectRows);
    table_->setAlternatingRowColors(true);
    table_->setMinimumHeight(110);
    parts::keep_columns(*table_->horizontalHeader(), QStringLiteral("reports/archive_columns"));
    column->addWidget(words_);
    column->addWidget(table_);
    table_->hide();
}

void ArchiveView::refresh() {
    const std::uint64_t archived = link_.status().archived();
    if (archived == 0) {
        table_->hide();
        words_->setText(tr("Nothing is archived: the export holds the log from its first event on."));
        return;
    }
    words_->setText(tr("Events before %1 are in the files below, and not in an export. They lie on the service's machine in the folder that they were archived into; kmp-audit verify takes them and an export together, as one log.").arg(parts::number(archived)));
    table_->setRowCount(0);
    table_->show();
    link::pb::AdminRequest request;
    request.mutable_audit_archive()->set_list(true);
    const auto take = [this](const link::pb::AdminReply& part) {
        for (const link::pb::ArchiveSegment& s : part.audit_archive().segments()) add(s);
    };
    link_.read(this, std::move(request), [take, this](base::Result<link::pb::AdminReply> reply) {
        if (reply) take(*reply);
        else words_->setText(words_->text() + QLatin1Char('\n') + parts::text(reply.error().message));
    }, take);
}

void ArchiveView::add(const link::pb::ArchiveSegment& s) {
    const int row = table_->rowCount();
    table_->insertRow(row);
    QStringList whom;
    for (const std::string& r : s.recipients()) whom << parts::text(r);
    const QStringList texts{parts::text(s.file()), tr("%1 to %2").arg(parts::number(s.first()), parts::number(s.end() - 1)), parts::file_size(s.bytes()), parts::moment(s.newest_ms()), parts::day(s.keep_until_ms()), whom.isEmpty() ? tr("in clear") : whom.join(tr(", "))};
    for (int c = 0; c < texts.size(); ++c) table_->setItem(row, c, new QTableWidgetItem(texts[c]));
}

}  // namespace ui::review
