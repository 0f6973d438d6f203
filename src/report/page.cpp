#include "report/page.h"

#include "system/files.h"

namespace snn::report {
namespace {

constexpr std::string_view kStyle = R"(:root{color-scheme:light dark}
body{margin:0 auto;max-width:1280px;padding:16px;font:15px/1.45 system-ui,-apple-system,'Segoe UI',Roboto,'Liberation Sans',sans-serif;color:#1d2129;background:#fff}
h1{font-size:22px;margin:8px 0;overflow-wrap:anywhere}
h2{font-size:17px;margin:28px 0 8px}
p{margin:8px 0;max-width:75ch;overflow-wrap:anywhere}
.notice{border-left:4px solid #d55e00;padding:4px 12px}
.tiles{display:flex;flex-wrap:wrap;gap:8px 32px;margin:12px 0}
.tiles dt{color:#56606c;font-size:13px}
.tiles dd{margin:0;font-size:22px;font-variant-numeric:tabular-nums}
.pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,340px),1fr));gap:24px 32px;grid-auto-flow:dense;align-items:start;margin:16px 0}
.tall{grid-row:span 2}
.side{display:flex;flex-wrap:wrap;gap:0 64px}
.pictures svg{display:block;width:100%;max-width:560px;height:auto}
.scroll{overflow-x:auto}
.side>div{min-width:0;max-width:100%}
table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums}
th,td{padding:4px 12px 4px 0;text-align:right;border-bottom:1px solid #e3e6ea;vertical-align:top}
th{font-weight:600}
.text{text-align:left}
summary{cursor:pointer;margin:8px 0}
a{color:#0060a0}
@media (prefers-color-scheme:dark){
body{color:#e6e8ec;background:#16181d}
.tiles dt{color:#a4acb8}
th,td{border-color:#2c313a}
a{color:#7fc1ee}
.notice{border-color:#f08a4b}
}
)";

std::string element(const std::string& name, const std::string& text) {
  return "<" + name + ">" + escape(text) + "</" + name + ">";
}

std::string row(const std::vector<TableCell>& cells, const std::string& name,
                std::size_t text_columns) {
  std::string html = "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    std::string content = escape(cells[i].text);
    if (!cells[i].link.empty()) {
      content = "<a href=\"" + escape(cells[i].link) + "\">" + content + "</a>";
    }
    html +=
        "<" + name + (i < text_columns ? " class=\"text\">" : ">") + content + "</" + name + ">";
  }
  return html + "</tr>\n";
}

}  // namespace

std::string html_heading(const std::string& text) { return element("h2", text) + "\n"; }
std::string html_paragraph(const std::string& text) { return element("p", text) + "\n"; }
std::string html_notice(const std::string& text) {
  return "<p class=\"notice\">" + escape(text) + "</p>\n";
}

std::string html_tiles(const std::vector<Tile>& tiles) {
  std::string html = "<dl class=\"tiles\">\n";
  for (const Tile& tile : tiles) {
    html += "<div>" + element("dt", tile.name) + element("dd", tile.value) + "</div>\n";
  }
  return html + "</dl>\n";
}

std::string html_table(const Table& table) {
  std::vector<TableCell> header;
  for (const std::string& name : table.header) header.push_back({name});
  std::string html = "<div class=\"scroll\"><table>\n<thead>" +
                     row(header, "th", table.text_columns) + "</thead>\n<tbody>\n";
  for (const auto& cells : table.rows) html += row(cells, "td", table.text_columns);
  return html + "</tbody>\n</table></div>\n";
}

std::string html_pictures(const std::vector<Drawing>& drawings) {
  std::string html = "<div class=\"pictures\">\n";
  for (const Drawing& drawing : drawings) {
    // A tall one stands beside two others.
    const bool is_tall = drawing.height > 0.8 * drawing.width;
    html += std::string("<div") + (is_tall ? " class=\"tall\"" : "") + ">" + inline_svg(drawing) +
            "</div>\n";
  }
  return html + "</div>\n";
}

std::string html_side_by_side(const std::vector<std::string>& pieces) {
  std::string html = "<div class=\"side\">\n";
  for (const std::string& piece : pieces) html += "<div>\n" + piece + "</div>\n";
  return html + "</div>\n";
}

std::string html_details(const std::string& summary, const std::string& html) {
  return "<details>" + element("summary", summary) + "\n" + html + "</details>\n";
}

std::string html_page(const std::string& title, const std::string& body) {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         // Otherwise a browser would request an icon from the server.
         "<link rel=\"icon\" href=\"data:,\">\n" +
         element("title", title) + "\n<style>\n" + std::string(kStyle) + svg_style() +
         "</style>\n</head>\n<body>\n" + element("h1", title) + "\n" + body + "</body>\n</html>\n";
}

void write_report(const Report& report, const std::filesystem::path& folder,
                  const std::filesystem::path& page) {
  const std::filesystem::path pictures = folder / "pictures";
  std::error_code error;
  std::filesystem::create_directories(pictures, error);
  if (error) {
    throw Error(ExitCode::kInternal, "cannot create " + pictures.string() + ": " + error.message());
  }
  for (const Picture& picture : report.pictures) {
    write_file(pictures / (picture.name + ".svg"), svg_file(picture.drawing), Flush::kNever);
  }
  write_file(page, report.html, Flush::kNever);
}

}  // namespace snn::report
