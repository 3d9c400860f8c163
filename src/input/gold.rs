//! Gold files: documents whose sentences carry the labels that people gave them.
//!
//! A gold file is JSON Lines in the layout of pre-split input, each sentence an object `{"text", "stance",
//! "attribution"}`, with `"anonymity"` exactly where the attribution is `anonymous`, and `"unsure": true`
//! where the annotator doubted. A label that the guideline does not have is a reject: scoring against a
//! misspelt label would be wrong without anyone noticing.

use super::{
    Documents, InputOptions, Source,
    json::{Element, Object},
    jsonl, lines,
    reader::{Failure, Records},
    source::Opened,
};
use crate::{
    document::{Body, Document, Origin},
    error::RejectReason,
    prediction::{Anonymity, Attribution, Stance},
};

/// A document with its gold labels.
#[derive(Clone, Debug, PartialEq)]
pub struct GoldDocument {
    /// The document as the classifier is to read it; its body is [`Body::Sentences`].
    pub document: Document,
    /// The labels of the document's sentences, one each, in order.
    pub gold: Vec<GoldSentence>,
    /// The corpus that the document is from, where the file says so.
    pub source: Option<String>,
    /// How the document was drawn from that corpus, where the file says so; `natural` is at random.
    pub selection: Option<String>,
}

/// What a person said of one sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GoldSentence {
    pub stance: Stance,
    pub attribution: Attribution,
    /// Given exactly where `attribution` is [`Attribution::Anonymous`].
    pub anonymity: Option<Anonymity>,
    /// The annotator could have defended another answer.
    pub unsure: bool,
}

/// The gold documents of `sources`, in order; each source is read as JSON Lines, whatever its format says.
///
/// Of `options`, [`InputOptions::id_column`] and [`InputOptions::keep`] count. Ids must be distinct, as in
/// [`documents`](fn@super::documents).
pub fn documents(sources: Vec<Source>, options: &InputOptions) -> Documents<GoldDocument> {
    Documents::new(sources, options, read, Some(|gold| &gold.document.id))
}

fn read(opened: Opened, options: &InputOptions) -> Records<GoldDocument> {
    let options = options.clone();
    lines::read(opened, &options.clone(), move |line, origin| {
        let record = Object::record(line)?;
        let (_, id) = jsonl::id(&record, &options, &origin)?;
        labelled(&record, &options, &id, origin).map_err(|reason| Failure {
            document: Some(id),
            reason,
        })
    })
}

fn labelled(
    record: &Object,
    options: &InputOptions,
    id: &str,
    origin: Origin,
) -> Result<GoldDocument, RejectReason> {
    let Some(list) = record.list("sentences")? else {
        return Err(RejectReason::MissingField {
            field: record.path("sentences"),
        });
    };
    let pairs = list.into_iter().map(sentence).collect::<Result<Vec<_>, _>>()?;
    let (sentences, gold) = pairs.into_iter().unzip();
    Ok(GoldDocument {
        document: Document {
            id: id.to_owned(),
            metadata: jsonl::metadata(record, options)?,
            body: Body::Sentences {
                context: jsonl::context(record)?,
                sentences,
            },
            origin,
        },
        gold,
        source: record.string("source")?,
        selection: record.string("selection")?,
    })
}

fn sentence(element: Element) -> Result<(String, GoldSentence), RejectReason> {
    let Some(object) = element.object()? else {
        return Err(element.wrong_type("an object with \"text\", \"stance\" and \"attribution\""));
    };
    let text = object.required_string("text")?;
    let stance = label(
        &object,
        "stance",
        object.required_string("stance")?,
        Stance::from_name,
        Stance::NAMES,
    )?;
    let attribution = label(
        &object,
        "attribution",
        object.required_string("attribution")?,
        Attribution::from_name,
        Attribution::NAMES,
    )?;
    let anonymity = match (attribution, object.string("anonymity")?) {
        (Attribution::Anonymous, Some(name)) => Some(label(
            &object,
            "anonymity",
            name,
            Anonymity::from_name,
            Anonymity::NAMES,
        )?),
        (Attribution::Anonymous, None) => {
            return Err(RejectReason::MissingField {
                field: object.path("anonymity"),
            });
        }
        (_, None) => None,
        (_, Some(_)) => {
            return Err(RejectReason::Contradiction {
                field: object.path("anonymity"),
                because: "the attribution is not anonymous",
            });
        }
    };
    let unsure = object.flag("unsure")?;
    Ok((
        text,
        GoldSentence {
            stance,
            attribution,
            anonymity,
            unsure,
        },
    ))
}

fn label<T>(
    object: &Object,
    field: &str,
    name: String,
    from_name: fn(&str) -> Option<T>,
    allowed: &'static [&'static str],
) -> Result<T, RejectReason> {
    from_name(&name).ok_or_else(|| RejectReason::UnknownValue {
        field: object.path(field),
        found: name.into(),
        allowed,
    })
}
