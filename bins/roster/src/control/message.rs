//! The messages between a running command and its client.

use serde::{Deserialize, Serialize};

use super::frame::{Frame, FrameError};

/// The maximum number of bytes of input or output in one message.
pub(crate) const CHUNK: usize = 64 * 1024;

/// A message from a command to its client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// Bytes for stdout, or for the output file.
    Print(Vec<u8>),
    /// A line for stderr.
    Note(String),
    /// The progress of the command.
    Progress(Progress),
    /// A request for the next chunk of input.
    Pull,
    /// A yes-or-no question.
    Ask(String),
    /// The outcome of the command. This is the last event.
    End(Outcome),
}

/// A message from a client to its command.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// A chunk of input, in reply to [`Event::Pull`].
    Input(Vec<u8>),
    /// The end of the input, in reply to [`Event::Pull`].
    InputEnd,
    /// Why the input cannot be read, in reply to [`Event::Pull`].
    InputFailed(String),
    /// The reply to [`Event::Ask`].
    Answer(Answer),
}

/// The answer to a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    /// Continue.
    Yes,
    /// Stop, with this message.
    No(String),
}

/// The progress of a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// The number of processed items.
    pub(crate) done: u64,
    /// The total number of items.
    pub(crate) total: u64,
}

/// The outcome of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// The command succeeded.
    Done {
        /// The last line for stderr, printed after the output is complete.
        summary: Option<String>,
    },
    /// Some records of an import were refused; the output says why.
    Refused,
    /// The command failed.
    Failed {
        /// The reason, on one line.
        error: String,
    },
}

impl Outcome {
    /// Success without a summary.
    pub(crate) const DONE: Self = Self::Done { summary: None };
}

/// The kinds of frames. They are part of the protocol version.
mod kind {
    pub(super) const INPUT: u8 = 2;
    pub(super) const INPUT_END: u8 = 3;
    pub(super) const INPUT_FAILED: u8 = 4;
    pub(super) const ANSWER: u8 = 5;
    pub(super) const PRINT: u8 = 16;
    pub(super) const NOTE: u8 = 17;
    pub(super) const PROGRESS: u8 = 18;
    pub(super) const PULL: u8 = 19;
    pub(super) const ASK: u8 = 20;
    pub(super) const END: u8 = 21;
}

impl Event {
    /// Encodes the event as a frame.
    ///
    /// # Errors
    /// None in practice: every event is bytes or can be serialized.
    pub(super) fn frame(self) -> Result<Frame, FrameError> {
        Ok(match self {
            Self::Print(bytes) => Frame::new(kind::PRINT, bytes),
            Self::Note(line) => Frame::text(kind::NOTE, line),
            Self::Progress(progress) => Frame::json(kind::PROGRESS, &progress)?,
            Self::Pull => Frame::new(kind::PULL, Vec::new()),
            Self::Ask(question) => Frame::text(kind::ASK, question),
            Self::End(outcome) => Frame::json(kind::END, &outcome)?,
        })
    }

    /// # Errors
    /// [`FrameError`] if the frame contains no event.
    pub(super) fn from_frame(frame: Frame) -> Result<Self, FrameError> {
        match frame.kind {
            kind::PRINT => Ok(Self::Print(frame.into_body())),
            kind::NOTE => frame.into_text().map(Self::Note),
            kind::PROGRESS => frame.parse().map(Self::Progress),
            kind::PULL => Ok(Self::Pull),
            kind::ASK => frame.into_text().map(Self::Ask),
            kind::END => frame.parse().map(Self::End),
            other => Err(FrameError::Unknown(other)),
        }
    }
}

impl Reply {
    /// Encodes the reply as a frame.
    ///
    /// # Errors
    /// None in practice, as for [`Event::frame`].
    pub(super) fn frame(self) -> Result<Frame, FrameError> {
        Ok(match self {
            Self::Input(bytes) => Frame::new(kind::INPUT, bytes),
            Self::InputEnd => Frame::new(kind::INPUT_END, Vec::new()),
            Self::InputFailed(why) => Frame::text(kind::INPUT_FAILED, why),
            Self::Answer(answer) => Frame::json(kind::ANSWER, &answer)?,
        })
    }

    /// # Errors
    /// [`FrameError`] if the frame contains no reply.
    pub(super) fn from_frame(frame: Frame) -> Result<Self, FrameError> {
        match frame.kind {
            kind::INPUT => Ok(Self::Input(frame.into_body())),
            kind::INPUT_END => Ok(Self::InputEnd),
            kind::INPUT_FAILED => frame.into_text().map(Self::InputFailed),
            kind::ANSWER => frame.parse().map(Self::Answer),
            other => Err(FrameError::Unknown(other)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_round_trips_through_its_frame() {
        let text = || "ä line".to_owned();
        for event in [
            || Event::Print(vec![0, 255, 10]),
            || Event::Note("ä line".to_owned()),
            || Event::Progress(Progress { done: 3, total: 9 }),
            || Event::Pull,
            || Event::Ask("sure?".to_owned()),
            || Event::End(Outcome::Refused),
        ] {
            assert_eq!(Event::from_frame(event().frame().unwrap()).unwrap(), event());
        }
        for outcome in [Outcome::Done { summary: Some(text()) }, Outcome::Failed { error: text() }] {
            let frame = Event::End(outcome.clone()).frame().unwrap();
            assert_eq!(Event::from_frame(frame).unwrap(), Event::End(outcome));
        }
    }

    #[test]
    fn every_reply_round_trips_through_its_frame_and_is_not_an_event() {
        for reply in [
            || Reply::Input(vec![1, 2]),
            || Reply::InputEnd,
            || Reply::InputFailed("gone".to_owned()),
            || Reply::Answer(Answer::No("nothing was changed".to_owned())),
        ] {
            assert_eq!(Reply::from_frame(reply().frame().unwrap()).unwrap(), reply());
            assert!(Event::from_frame(reply().frame().unwrap()).is_err());
        }
    }
}
