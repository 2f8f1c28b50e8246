# Secrets that are remembered, and ways to find them in whatever a command says. Common.ps1 comes before it.

# A secret of 16 characters that is remembered.
$handled = [Collections.Generic.List[string]]::new()
function New-Secret {
    $secret = -join (1..16 | ForEach-Object { 'abcdefghijklmnopqrstuvwxyz0123456789'[(Get-Random 36)] })
    $handled.Add($secret)
    $secret
}

# Also those that the module made itself.
function Add-StoredSecret {
    Get-StoredToken | ForEach-Object { $_.Data['token-secret'] } | Where-Object { $_ -notin $handled } | ForEach-Object { $handled.Add($_) }
}

# The secrets in a text, plain or encoded as Secrets hold them.
function Find-Secret([string] $Text) {
    foreach ($secret in $handled) {
        $bytes = [Text.Encoding]::UTF8.GetBytes($secret)
        # Base64 of a longer text that holds the secret looks in one of three ways, from the first whole group on.
        $forms = @($secret) + (0..2 | ForEach-Object {
                [Convert]::ToBase64String($bytes, (3 - $_) % 3, 12)
            })
        foreach ($form in $forms) {
            if ($Text.Contains($form, [StringComparison]::OrdinalIgnoreCase)) {
                $secret
                break
            }
        }
    }
}

# All that an object tells by its properties, however deep, but for the machinery of .NET and PowerShell that hangs on it.
function Write-Depths($Value, [int] $Depth = 0, $Seen) {
    if ($null -eq $Seen) {
        $Seen = [Collections.Generic.HashSet[object]]::new([Collections.Generic.ReferenceEqualityComparer]::Instance)
    }

    if ($null -eq $Value -or $Depth -gt 12) {
        return
    }

    "$Value"
    $base = $Value.PSObject.BaseObject
    if ($base -is [string] -or $base -is [ValueType] -or -not $Seen.Add($base)) {
        return
    }

    if ($base -is [Exception]) {
        $base.ToString()
    }

    if ($base -is [Collections.IDictionary]) {
        foreach ($key in $base.Keys) {
            Write-Depths $key ($Depth + 1) $Seen
            Write-Depths $base[$key] ($Depth + 1) $Seen
        }
    }
    elseif ($base -is [Collections.IEnumerable]) {
        foreach ($item in $base) {
            Write-Depths $item ($Depth + 1) $Seen
        }
    }
    elseif ($base -isnot [Management.Automation.CommandInfo] -and $base.GetType().Namespace -notlike 'System.Reflection*') {
        foreach ($property in $Value.PSObject.Properties) {
            try { Write-Depths $property.Value ($Depth + 1) $Seen } catch { "$_" }
        }
    }
}

# Runs a command with all it can say switched on; returns all that it said: the objects, as text and to their depths.
function Get-AllSaid([scriptblock] $Watched) {
    $ErrorActionPreference = 'Continue'
    $VerbosePreference = $DebugPreference = 'Continue'
    $Error.Clear()
    $said = [Collections.Generic.List[object]]::new()
    try {
        . $Watched *>&1 | ForEach-Object { $said.Add($_) }
    }
    catch {
        $said.Add($_)
    }

    $VerbosePreference = $DebugPreference = 'SilentlyContinue'
    Add-StoredSecret
    $texts = foreach ($object in $said + @($Error)) {
        Write-Depths $object
        $object | Format-List * -Force | Out-String -Width 9999
        $object | Out-String -Width 9999
    }
    $texts -join "`n"
}
