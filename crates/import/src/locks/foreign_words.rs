//! The words of German, French, Spanish, Portuguese, Italian and Dutch, in lower case. They count in the name of a field
//! and as its value.

/// Words for an account that is locked.
pub(crate) const FOREIGN_LOCK_WORDS: &[&str] = &[
    "gesperrt",
    "sperre",
    "blockiert",
    "deaktiviert",
    "inaktiv",
    "gelöscht",
    "geloescht",
    "gekündigt",
    "gekuendigt",
    "inactif",
    "désactivé",
    "désactivée",
    "desactive",
    "desactivee",
    "bloqué",
    "bloquée",
    "bloque",
    "bloquee",
    "verrouillé",
    "verrouillée",
    "verrouille",
    "verrouillee",
    "supprimé",
    "supprimée",
    "supprime",
    "supprimee",
    "suspendu",
    "suspendue",
    "banni",
    "bannie",
    "résilié",
    "resilie",
    "inactivo",
    "inactiva",
    "bloqueado",
    "bloqueada",
    "suspendido",
    "suspendida",
    "eliminado",
    "eliminada",
    "deshabilitado",
    "deshabilitada",
    "desactivado",
    "desactivada",
    "inativo",
    "inativa",
    "suspenso",
    "suspensa",
    "desativado",
    "desativada",
    "excluido",
    "excluida",
    "excluído",
    "excluída",
    "banido",
    "banida",
    "inattivo",
    "inattiva",
    "bloccato",
    "bloccata",
    "sospeso",
    "sospesa",
    "disabilitato",
    "disabilitata",
    "eliminato",
    "eliminata",
    "disattivato",
    "disattivata",
    "inactief",
    "geblokkeerd",
    "gedeactiveerd",
    "geschorst",
    "verwijderd",
];

/// Words for an account that is active.
pub(crate) const FOREIGN_ACTIVE_WORDS: &[&str] = &[
    "aktiv",
    "aktiviert",
    "freigegeben",
    "freigeschaltet",
    "actif",
    "activé",
    "activée",
    "activo",
    "activa",
    "activado",
    "activada",
    "habilitado",
    "habilitada",
    "ativo",
    "ativa",
    "ativado",
    "ativada",
    "attivo",
    "attiva",
    "attivato",
    "attivata",
    "abilitato",
    "abilitata",
    "actief",
    "geactiveerd",
];

/// Words for an account that awaits confirmation. They count as a value only.
pub(crate) const FOREIGN_WAITING_WORDS: &[&str] = &[
    "ausstehend",
    "wartend",
    "eingeladen",
    "unbestätigt",
    "unbestaetigt",
    "en attente",
    "invité",
    "invitée",
    "pendiente",
    "pendente",
    "in attesa",
    "in afwachting",
    "uitgenodigd",
];

/// Words for an account, before a word for its state: `konto gesperrt`.
pub(crate) const FOREIGN_SUBJECTS: &[&str] =
    &["benutzer ", "konto ", "utilisateur ", "compte ", "usuario ", "cuenta ", "conta ", "utente "];

#[cfg(test)]
mod tests {
    use crate::locks::tests::{have_the_status, read, reasons};
    use roster_domain::{PendingReason, Status, StatusKind};
    use serde_json::json;

    #[test]
    fn a_status_in_another_language_is_understood() {
        for word in [
            "gesperrt",
            "Deaktiviert",
            "inaktiv",
            "gelöscht",
            "BLOQUÉ",
            "bloquée",
            "désactivé",
            "suspendu",
            "bloqueado",
            "bloqueada",
            "suspendida",
            "inactivo",
            "inativo",
            "desativado",
            "bloccato",
            "sospeso",
            "disattivato",
            "geblokkeerd",
            "inactief",
            "konto_gesperrt",
            "compte bloqué",
        ] {
            let status = read(&json!({"status": word})).0;
            assert_eq!(status.kind(), StatusKind::Disabled, "{word}");
        }
        have_the_status(
            StatusKind::Disabled,
            &[json!({"estado": "bloqueado"}), json!({"situacao": "inativo"})],
        );
        for word in
            ["aktiv", "Actif", "activo", "activa", "ativo", "attivo", "actief", "habilitado", "konto aktiv"]
        {
            assert_eq!(read(&json!({"status": word})), (Status::Active, vec![]), "{word}");
        }
        for word in ["ausstehend", "en attente", "pendiente", "pendente", "in attesa"] {
            assert_eq!(reasons(&json!({"status": word})), [PendingReason::Unverified], "{word}");
        }
    }
}
